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

/**
 * Every setting of a JSON Schema; a section counts as one itself where something else may stand in its place.
 * @param addons where add-ons are: one setting here, since what is in it stands on a page of its own
 */
export const settingsOf = (schema: unknown, addons: string): readonly Setting[] =>
  inProperties(SchemaShape.parse(schema).properties ?? {}, '', addons)

const inProperties = (properties: Readonly<Record<string, Schema>>, before: string, addons: string): Setting[] =>
  Object.entries(properties).flatMap(([name, schema]) => settingsIn(schema, `${before}${name}`, addons))

function settingsIn(schema: Schema, key: string, addons: string): Setting[] {
  const choices = choicesOf(schema)
  const own = { key, type: typeOf(choices), description: schema.description ?? '' }
  if (key === addons) return [own]
  const inner = choices.flatMap((choice) => [
    ...inProperties(choice.properties ?? {}, `${key}.`, addons),
    ...inProperties(choice.items?.properties ?? {}, `${key}[].`, addons),
  ])
  const isPlainSection = schema.properties !== undefined
  return isPlainSection ? inner : [own, ...inner]
}

/** What may stand there; that nothing may, is said in words. */
function choicesOf({ anyOf, ...schema }: Schema): readonly Schema[] {
  const types = [schema.type ?? []].flat()
  const each = anyOf?.flatMap(choicesOf) ?? (types.length < 2 ? [schema] : types.map((type) => ({ ...schema, type })))
  return each.filter(({ type }) => type !== 'null')
}

/** More would fill the table with what an editor says better. */
const ENUM_TOLD_MAX = 9

function typeOf(choices: readonly Schema[]): string {
  if (choices.some(({ type, pattern }) => type === 'string' && pattern?.includes('[KMGTPE]i'))) return 'quantity'
  const words = choices.flatMap((choice) => {
    const isLong = choice.enum !== undefined && choice.enum.length > ENUM_TOLD_MAX
    return isLong ? ['text'] : (choice.enum?.map((value) => `\`${value}\``) ?? [wordOf(choice)])
  })
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
