/** As much of a CustomResourceDefinition's structural schema as the API server checks before it stores an object. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { z } from 'zod'

export interface Schema {
  readonly type?: string | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
  readonly additionalProperties?: boolean | Schema | undefined
  readonly items?: Schema | undefined
  readonly required?: readonly string[] | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly pattern?: string | undefined
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined
}

const SchemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    properties: z.record(z.string(), SchemaShape).optional(),
    additionalProperties: z.union([z.boolean(), SchemaShape]).optional(),
    items: SchemaShape.optional(),
    required: z.array(z.string()).optional(),
    enum: z.array(z.unknown()).optional(),
    pattern: z.string().optional(),
    'x-kubernetes-preserve-unknown-fields': z.boolean().optional(),
  }),
)
const CrdShape = z.object({
  spec: z.object({
    names: z.object({ kind: z.string() }),
    versions: z.array(z.object({ name: z.string(), schema: z.object({ openAPIV3Schema: SchemaShape }) })),
  }),
})

/** Kind -> schema, of the definitions in a folder such as Argo CD's `manifests/crds`. */
export function schemasIn(folder: string): ReadonlyMap<string, Schema> {
  const files = readdirSync(folder).filter((file) => file.endsWith('-crd.yaml'))
  return new Map(
    files.map((file) => {
      const { spec } = CrdShape.parse(load(readFileSync(join(folder, file), 'utf8')))
      const [version] = spec.versions
      if (version === undefined) throw new Error(`${file} has no version`)
      return [spec.names.kind, version.schema.openAPIV3Schema]
    }),
  )
}

/** What the schema says against a value: unknown and missing fields, wrong types; none where it is as it should be. */
export function faultsOf(value: unknown, schema: Schema, path = ''): readonly string[] {
  if (Array.isArray(value)) {
    const { items } = schema
    if (schema.type !== 'array' || items === undefined) return [`${path}: is a list`]
    return value.flatMap((item, at) => faultsOf(item, items, `${path}[${at}]`))
  }
  if (typeof value === 'object' && value !== null) return objectFaults(Object.entries(value), schema, path)
  const types = Number.isInteger(value) ? ['integer', 'number'] : [typeof value]
  if (!types.includes(schema.type ?? '')) return [`${path}: is ${JSON.stringify(value)}, not ${schema.type}`]
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path}: is not one of ${schema.enum}`]
  const fits = schema.pattern === undefined || new RegExp(schema.pattern).test(String(value))
  return fits ? [] : [`${path}: does not match ${schema.pattern}`]
}

function objectFaults(entries: readonly [string, unknown][], schema: Schema, path: string): readonly string[] {
  if (schema.type !== 'object') return [`${path}: is an object, not ${schema.type}`]
  // The API server knows the metadata of every object by itself.
  if (path === '.metadata') return []
  const names = entries.map(([name]) => name)
  const missing = (schema.required ?? []).filter((name) => !names.includes(name))
  return [
    ...missing.map((name) => `${path}.${name}: is missing`),
    ...entries.flatMap(([name, inner]) => {
      const { additionalProperties: rest } = schema
      const own = schema.properties?.[name] ?? (typeof rest === 'object' ? rest : undefined)
      if (own !== undefined) return faultsOf(inner, own, `${path}.${name}`)
      const isFree = rest === true || schema['x-kubernetes-preserve-unknown-fields'] === true
      return isFree ? [] : [`${path}.${name}: is not a known field`]
    }),
  ]
}
