/** Validation against OpenAPI 3.0 schemas, which are JSON Schema but for `nullable`. */
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

/** Gives a function that checks a value against a schema of the description, and returns what is wrong with it. */
export function checkerOf(description) {
  const options = { strict: false, allErrors: true, logger: false, validateSchema: false }
  const [exact, coercing] = [new Ajv(options), new Ajv({ ...options, coerceTypes: true })]
  const components = { schemas: withNulls(description.components.schemas) }
  for (const ajv of [exact, coercing]) {
    addFormats.default(ajv)
    // GitHub's own default for addresses that are not set is an empty text.
    const uri = ajv.formats.uri
    ajv.addFormat('uri', (text) => text === '' || uri.test?.(text) === true || (typeof uri === 'function' && uri(text)))
    ajv.addSchema({ $id: BASE, components })
  }
  const compiled = new Map()
  /** `from` is 'text' for values that came as text, such as a query's. */
  return (value, schema, from = 'json') => {
    const key = from === 'json' ? schema : JSON.stringify(schema)
    if (!compiled.has(key)) compiled.set(key, (from === 'json' ? exact : coercing).compile(absolute(withNulls(schema))))
    const validate = compiled.get(key)
    // Coercion writes into what it is given, so it is given something of its own.
    const subject = from === 'json' ? value : { value }
    if (from === 'json' ? validate(subject) : validate(subject.value)) return []
    return validate.errors.map(
      ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${detail(params)}`,
    )
  }
}

const BASE = 'https://openapi.invalid/github'

/** OpenAPI 3.0: "nullable": a null is allowed beside whatever the schema says. */
function withNulls(schema) {
  if (Array.isArray(schema)) return schema.map(withNulls)
  if (typeof schema !== 'object' || schema === null) return schema
  const { nullable, ...rest } = schema
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withNulls(value)]))
  // A property may itself be called `nullable`; then it is a schema, not a flag.
  if (typeof nullable === 'object') return { ...inner, nullable: withNulls(nullable) }
  return nullable === true ? { anyOf: [inner, { type: 'null' }] } : inner
}

/** Points references into the added components. */
function absolute(schema) {
  if (Array.isArray(schema)) return schema.map(absolute)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === '$ref' && typeof value === 'string' ? [key, `${BASE}${value}`] : [key, absolute(value)],
    ),
  )
}

const detail = (params) => (Object.keys(params).length === 0 ? '' : JSON.stringify(params))
