/**
 * YAML as kubectl and Argo CD read it: sigs.k8s.io/yaml over go-yaml v2. What is not the same to them and to js-yaml is
 * refused.
 */
import type { Json } from './json.ts'
import { readDocument } from './yaml-document.ts'
import { NotJson } from './yaml-faults.ts'
import { exactly } from './yaml-scalar.ts'
import { documentsIn } from './yaml-stream.ts'

/**
 * The values of a YAML stream's documents.
 * @throws {NotYaml} what `documentsIn` and `readDocument` refuse @throws {NotJson} what JSON can't hold
 */
export const readYaml = (yaml: string): readonly Json[] =>
  [...documentsIn(yaml)].map((document) => {
    const { value, notJson } = readDocument(document)
    if (notJson !== null) throw notJson
    return value
  })

/** A value from elsewhere as JSON, numbers as kubectl holds them. @throws {NotJson} what JSON can't hold */
export function jsonOf(value: unknown, path = ''): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new NotJson(path, 'is not valid Unicode')
    return value
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotJson(path, `${value} is not a number that JSON knows`)
    return exactly(value)
  }
  if (Array.isArray(value)) return value.map((element, at) => jsonOf(element, `${path}[${at}]`))
  if (typeof value !== 'object') throw new NotJson(path, `is a ${typeof value}`)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const at = path === '' ? key : `${path}.${key}`
      if (/\p{Surrogate}/u.test(key)) throw new NotJson(at, 'is not valid Unicode')
      return [key, jsonOf(inner, at)]
    }),
  )
}
