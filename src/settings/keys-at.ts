import { z } from 'zod'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** The keys that a schema knows at a path. */
export const keysAt = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] =>
  path
    .reduce<readonly JsonSchema[]>(
      (schemas, step) => schemas.flatMap((each) => within(each, step)).flatMap(choicesOf),
      choicesOf(z.toJSONSchema(schema, { io: 'input' })),
    )
    .flatMap(({ properties, propertyNames }) => [...Object.keys(properties ?? {}), ...namesIn(propertyNames)])

/** The names that a map's keys are chosen from, where they are. */
const namesIn = (propertyNames: JsonSchema['propertyNames']): readonly string[] =>
  typeof propertyNames === 'object' ? (propertyNames.enum ?? []).map(String) : []

const choicesOf = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...(schema.anyOf ?? []).flatMap((choice) => (typeof choice === 'object' ? choicesOf(choice) : [])),
]

function within({ items, properties, additionalProperties }: JsonSchema, step: PropertyKey): readonly JsonSchema[] {
  const inner = typeof step === 'number' ? items : (properties?.[String(step)] ?? additionalProperties)
  return typeof inner === 'object' && !Array.isArray(inner) ? [inner] : []
}
