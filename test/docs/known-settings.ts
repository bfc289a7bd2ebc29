/** The settings that a schema knows, in the words of the tables in docs/. */
import { z } from 'zod'

export interface Setting {
  /** `listen.port`, `apps[].name` */
  readonly key: string
  readonly type: string
  /** What an editor shows of it; '' for a schema that says nothing. */
  readonly description: string
}

interface Schema {
  readonly type?: string | readonly string[] | undefined
  readonly format?: string | undefined
  readonly pattern?: string | undefined
  readonly description?: string | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly anyOf?: readonly Schema[] | undefined
  readonly items?: Schema | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
  readonly additionalProperties?: boolean | Schema | undefined
}

const SchemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    pattern: z.string().optional(),
    description: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(SchemaShape).optional(),
    items: SchemaShape.optional(),
    properties: z.record(z.string(), SchemaShape).optional(),
    additionalProperties: z.union([z.boolean(), SchemaShape]).optional(),
  }),
)

/** Every setting of a JSON Schema; a section counts as one itself where something else may stand in its place. */
export const settingsOf = (schema: unknown): readonly Setting[] =>
  inProperties(SchemaShape.parse(schema).properties ?? {}, '')

const inProperties = (properties: Readonly<Record<string, Schema>>, before: string): Setting[] =>
  Object.entries(properties).flatMap(([name, schema]) => settingsIn(schema, `${before}${name}`))

function settingsIn(schema: Schema, key: string): Setting[] {
  const choices = choicesOf(schema)
  const inner = choices.flatMap((choice) => [
    ...inProperties(choice.properties ?? {}, `${key}.`),
    ...inProperties(choice.items?.properties ?? {}, `${key}[].`),
  ])
  const isPlainSection = schema.properties !== undefined
  const own = { key, type: typeOf(choices), description: schema.description ?? '' }
  return isPlainSection ? inner : [own, ...inner]
}

/** What may stand there; that nothing may, is said in words. */
function choicesOf({ anyOf, ...schema }: Schema): readonly Schema[] {
  const types = [schema.type ?? []].flat()
  const each = anyOf?.flatMap(choicesOf) ?? (types.length < 2 ? [schema] : types.map((type) => ({ ...schema, type })))
  return each.filter(({ type }) => type !== 'null')
}

function typeOf(choices: readonly Schema[]): string {
  if (choices.some(({ type, pattern }) => type === 'string' && pattern?.includes('[KMGTPE]i'))) return 'quantity'
  const words = choices.flatMap((choice) => choice.enum?.map((value) => `\`${value}\``) ?? [wordOf(choice)])
  return [...new Set(words)].join(', ').replace(/, (?!.*, )/, ' or ')
}

function wordOf({ type, format, pattern, items, additionalProperties: values }: Schema): string {
  if (format === 'uri') return 'URL'
  if (pattern?.includes('ms|s|m|h|d')) return 'duration'
  if (items !== undefined) return `list of ${pluralOf(items)}`
  if (typeof values === 'object') return `map of ${pluralOf(values)}`
  const words: Readonly<Record<string, string>> = { integer: 'number', boolean: 'true or false', object: 'section' }
  return words[String(type)] ?? 'text'
}

function pluralOf(schema: Schema): string {
  const word = typeOf(choicesOf(schema))
  const plurals: Readonly<Record<string, string>> = { section: 'sections', number: 'numbers', quantity: 'quantities' }
  return plurals[word] ?? (word.startsWith('map of') ? 'sections' : 'text')
}
