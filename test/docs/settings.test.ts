import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigError, ConfigSchema, readConfig, SecretsSchema } from '../../src/config.ts'
import { codeIn, rowsOf } from './written.ts'

const PAGE = 'docs/settings.md'
const SECRETS = {
  WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----',
  WESTAGE_WEBHOOK_SECRET: 'a secret',
  WESTAGE_ARGOCD_WEBHOOK_SECRET: 'another secret',
}

interface Setting {
  /** `listen.port`, `apps[].name` */
  readonly key: string
  readonly type: string
}

interface Schema {
  readonly type?: string | readonly string[] | undefined
  readonly format?: string | undefined
  readonly pattern?: string | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly default?: unknown
  readonly anyOf?: readonly Schema[] | undefined
  readonly items?: Schema | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
}

const SchemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    pattern: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    default: z.unknown().optional(),
    anyOf: z.array(SchemaShape).optional(),
    items: SchemaShape.optional(),
    properties: z.record(z.string(), SchemaShape).optional(),
  }),
)

/** Every setting that the schema knows; a section counts as one only where it may be left out as a whole. */
function settingsIn(given: Schema, key: string): Setting[] {
  const schema = given.anyOf?.find(({ type }) => type !== 'null') ?? given
  const own = { key, type: typeOf(schema) }
  if (schema.properties !== undefined) {
    const inner = settingsOf(schema.properties, `${key}.`)
    return given.default === null ? [own, ...inner] : inner
  }
  const properties = schema.items?.properties
  return properties === undefined ? [own] : [own, ...settingsOf(properties, `${key}[].`)]
}

const settingsOf = (properties: NonNullable<Schema['properties']>, before: string): Setting[] =>
  Object.entries(properties).flatMap(([name, schema]) => settingsIn(schema, `${before}${name}`))

function typeOf({ type, format, pattern, enum: values, items }: Schema): string {
  if (values !== undefined)
    return values
      .map((value) => `\`${value}\``)
      .join(', ')
      .replace(/, (?!.*, )/, ' or ')
  if (format === 'uri') return 'URL'
  if (pattern?.includes('ms|s|m|h|d')) return 'duration'
  if (items !== undefined) return items.type === 'object' ? 'list of sections' : 'list of text'
  const words: Readonly<Record<string, string>> = { integer: 'number', boolean: 'true or false', object: 'section' }
  return words[String(type)] ?? 'text'
}

const known = settingsOf(SchemaShape.parse(z.toJSONSchema(ConfigSchema, { io: 'input' })).properties ?? {}, '')
const written = rowsOf(PAGE, 'setting', 'type', 'default', 'meaning')

describe('the table of settings', () => {
  it('has every setting once, and none that is not there', () => {
    expect(written.map(([key]) => key).toSorted()).toEqual(known.map(({ key }) => key).toSorted())
  })

  it.each(known)('has the type and the default of $key', ({ key, type }) => {
    const [, typeCell, defaultCell = '', meaning] = written.find(([name]) => name === key) ?? []
    expect(typeCell).toBe(type)
    expect(meaning).toMatch(/\w.*[.]$/)
    const without = ConfigSchema.safeParse(configWith(key, undefined))
    if (defaultCell === 'required') return expect(without.success).toBe(false)
    const withDefault = ConfigSchema.safeParse(configWith(key, load(defaultCell)))
    expect(withDefault.success).toBe(true)
    return expect(without).toEqual(withDefault)
  })

  it('lists the secrets', () => {
    expect(rowsOf(PAGE, 'variable', 'needed', 'holds').map(([name]) => name)).toEqual(Object.keys(SecretsSchema.shape))
  })
})

describe('a westage.yaml in the documentation', () => {
  const files = [PAGE, 'docs/running.md'].flatMap((file) =>
    codeIn(file, 'yaml')
      .filter((text) => text.startsWith('# westage.yaml'))
      .map((text) => ({ file, text })),
  )

  it.each(files)('of $file is accepted', ({ text }) => {
    expect(faultsOf(text)).toEqual([])
  })

  it('is there whole: every setting is in it', () => {
    const [complete] = codeIn(PAGE, 'yaml').filter((text) => text.startsWith('# westage.yaml'))
    const there = pathsIn(load(complete ?? ''), '')
    expect(known.map(({ key }) => key).filter((key) => !there.has(key))).toEqual([])
  })

  it('is there with the least that is needed: without any line of it something is missing', () => {
    const [least = ''] = codeIn('docs/running.md', 'yaml').filter((text) => text.startsWith('# westage.yaml'))
    for (const line of ['publicUrl:', 'appId:', 'url:']) {
      const without = least.split('\n').filter((each) => !each.trimStart().startsWith(line))
      expect(faultsOf(without.join('\n'))).toHaveLength(1)
    }
  })
})

/** A configuration with all that is required, and with `value` at `key`; without the key where that is undefined. */
function configWith(key: string, value: unknown): unknown {
  const whole: Record<string, unknown> = {
    publicUrl: 'https://westage.test',
    github: { appId: 7 },
    gitops: { url: 'https://git.test/previews.git' },
    registry: { repository: 'registry.test/{app}' },
    argocd: { server: { url: 'https://argocd.test' } },
    apps: [{ name: 'shop', repository: 'acme/shop' }],
  }
  const path = key.split(/\[\]\.|\./)
  const put = (section: Record<string, unknown>, [name = '', ...below]: readonly string[]): void => {
    if (below.length === 0 && value === undefined) delete section[name]
    else if (below.length === 0) section[name] = value
    else {
      section[name] ??= {}
      const inner = section[name]
      put(Object(Array.isArray(inner) ? inner[0] : inner), below)
    }
  }
  put(whole, path)
  return whole
}

function faultsOf(yaml: string): readonly string[] {
  try {
    // A token that the file does not speak of would be one too many.
    const needed = yaml.includes('WESTAGE_ARGOCD_TOKEN') ? { WESTAGE_ARGOCD_TOKEN: 'a token' } : {}
    readConfig(yaml, { ...SECRETS, ...needed })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

/** The paths of everything in a value, as the table writes them. */
function pathsIn(value: unknown, path: string): Set<string> {
  if (Array.isArray(value)) return new Set([path, ...value.flatMap((item) => [...pathsIn(item, `${path}[]`)])])
  if (typeof value !== 'object' || value === null) return new Set([path])
  const inner = Object.entries(value).flatMap(([name, item]) => [
    ...pathsIn(item, path === '' ? name : `${path}.${name}`),
  ])
  return new Set([path, ...inner])
}
