/** GitHub's own OpenAPI description of its REST API and webhooks, out of @octokit/openapi. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The package's entry would load all ten descriptions, some 390 MB; one is enough, and the smaller one has references. */
const PATH = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')

/** The description as it is published. */
export const readDescription = () => JSON.parse(readFileSync(PATH, 'utf8'))

/**
 * The operation that answers a request, null where GitHub has none. `/repositories/{id}/…`, where redirects and Link
 * headers lead, is not described: it stands for `/repos/{owner}/{repo}/…`.
 */
export function operationOf(description, method, path) {
  const wanted = path.replace(/^\/repositories\/[^/]+/, '/repos/-/-').split('/')
  const matches = Object.keys(description.paths)
    .filter((template) => fits(template.split('/'), wanted))
    .sort((a, b) => variablesIn(a) - variablesIn(b))
  const template = matches[0]
  const item = template === undefined ? undefined : description.paths[template]
  const operation = item?.[method.toLowerCase()]
  return operation === undefined
    ? null
    : { template, operation, parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])] }
}

/** The schema of a webhook's payload, null where GitHub sends no such event. */
export function webhookSchemaOf(description, event, action) {
  const name = [event, ...(action === undefined ? [] : [action])].join('-').replaceAll('_', '-')
  return description['x-webhooks'][name]?.post.requestBody.content['application/json'].schema ?? null
}

/** What a `$ref` stands for; anything else itself. */
export function resolved(description, value) {
  if (typeof value?.$ref !== 'string') return value
  const target = value.$ref
    .slice(2)
    .split('/')
    .reduce((at, key) => at[key.replaceAll('~1', '/').replaceAll('~0', '~')], description)
  return resolved(description, target)
}

const fits = (template, path) =>
  template.length === path.length && template.every((part, at) => part.startsWith('{') || part === path[at])

const variablesIn = (template) => template.split('{').length
