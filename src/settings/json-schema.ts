import { z } from 'zod'

/**
 * What a schema takes, as the text of a JSON Schema. Draft 7, since editors' YAML servers know that one best.
 * @param title what it is the schema of
 */
export function jsonSchemaOf(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // Every whole number has these, and nobody wants to read them.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`
}
