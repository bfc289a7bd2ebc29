/** Keys that a schema does not know: OpenAPI lets them pass, GitHub does not (in a request) or has none (in an answer). */
import { resolved } from './description.mjs'

/** Paths of the keys of `value` that no branch of `schema` names, unless it says that it takes others. */
export function strayKeys(value, schema, description, path = '') {
  const branches = branchesOf(schema, description)
  if (Array.isArray(value)) {
    const items = branches.map((branch) => branch.items).filter((item) => item !== undefined)
    if (items.length === 0) return []
    return value.flatMap((each, at) => strayKeys(each, { anyOf: items }, description, `${path}/${at}`))
  }
  if (typeof value !== 'object' || value === null) return []
  const named = branches.filter(({ properties }) => properties !== undefined)
  const takesOthers = branches.some(
    ({ type, properties, additionalProperties }) =>
      (type === 'object' || additionalProperties !== undefined) &&
      (properties === undefined || additionalProperties === true || typeof additionalProperties === 'object') &&
      // `anyOf` that only requires keys repeats `additionalProperties: true` to mean no more than that.
      !isRequirement(properties, named),
  )
  if (named.length === 0 || takesOthers) return []
  return Object.entries(value).flatMap(([key, each]) => {
    const found = named.flatMap(({ properties }) => (key in properties ? [properties[key]] : []))
    return found.length === 0 ? [`${path}/${key}`] : strayKeys(each, { anyOf: found }, description, `${path}/${key}`)
  })
}

/** A branch whose properties are all known from a fuller branch. */
const isRequirement = (properties, named) =>
  properties !== undefined &&
  named.some(
    (other) =>
      other.properties !== properties &&
      Object.keys(other.properties).length > Object.keys(properties).length &&
      Object.keys(properties).every((key) => key in other.properties),
  )

function branchesOf(schema, description) {
  const own = resolved(description, schema)
  const inner = [...(own.allOf ?? []), ...(own.anyOf ?? []), ...(own.oneOf ?? [])]
  return [own, ...inner.flatMap((branch) => branchesOf(branch, description))]
}
