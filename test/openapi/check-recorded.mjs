/**
 * Checks what the GitHub double recorded (test/servers/github, `recordTo`) against GitHub's OpenAPI description, and
 * what went to /graphql, which that does not describe, against GitHub's GraphQL schema:
 * `node check-recorded.mjs FILE...`. Prints every fault once and how many there are; exits 1 where there is one, or
 * where nothing was recorded.
 */
import { readFileSync } from 'node:fs'
import { operationOf, readDescription, resolved, webhookSchemaOf } from './description.mjs'
import { faultsOfGraphql } from './graphql.mjs'
import { isKnownInaccuracy } from './known-inaccuracies.mjs'
import { checkerOf } from './schemas.mjs'
import { strayKeys } from './stray-keys.mjs'

/** GitHub gives these on any path, described there or not: "Troubleshooting the REST API", redirects, conditional requests. */
const ANYWHERE = new Set([301, 304, 307, 400, 401, 403, 404, 415, 422, 429, 500, 502, 503])
const description = readDescription()
const check = checkerOf(description)
const ERROR = { $ref: '#/components/schemas/basic-error' }

function faultsOfExchange(exchange) {
  if (exchange.method === 'POST' && exchange.path === '/graphql') return faultsOfGraphql(exchange)
  const found = operationOf(description, exchange.method, exchange.path)
  if (found === null) return ['GitHub has no such path and method']
  return [...(exchange.status < 400 ? faultsOfRequest(exchange, found) : []), ...faultsOfResponse(exchange, found)]
}

function faultsOfRequest({ query, requestBody }, { operation, parameters }) {
  const known = parameters
    .map((parameter) => resolved(description, parameter))
    .filter(({ in: place }) => place === 'query')
  const ofQuery = Object.entries(query).flatMap(([name, value]) => {
    const parameter = known.find((each) => each.name === name)
    if (parameter === undefined) return [`query: no parameter ${name}`]
    return check(value, parameter.schema, 'text').map((fault) => `query ${name}: ${fault}`)
  })
  const body = resolved(description, operation.requestBody)
  const schema = body?.content?.['application/json']?.schema
  if (schema === undefined) return requestBody === '' ? ofQuery : [...ofQuery, 'request: no body is described']
  if (requestBody === '') return body.required === true ? [...ofQuery, 'request: a body is required'] : ofQuery
  return [...ofQuery, ...faultsOfBody(JSON.parse(requestBody), schema).map((fault) => `request: ${fault}`)]
}

function faultsOfResponse({ status, responseBody }, { operation }) {
  const described = resolved(description, operation.responses[String(status)])
  if (described === undefined && !ANYWHERE.has(status)) return [`status ${status} is not described`]
  const schema = described?.content?.['application/json']?.schema
  if (responseBody === '') return schema === undefined || status === 304 ? [] : ['answer: no body']
  const body = JSON.parse(responseBody)
  // An error without a schema of its own has at least what all have.
  if (schema === undefined && status >= 300) return check(body, ERROR).map((fault) => `answer ${status}: ${fault}`)
  if (schema === undefined) return ['answer: no body is described']
  return faultsOfBody(body, schema).map((fault) => `answer ${status}: ${fault}`)
}

function faultsOfWebhook({ webhook, payload }) {
  const schema = webhookSchemaOf(description, webhook, payload.action)
  if (schema === null) return ['GitHub sends no such event and action']
  return faultsOfBody(payload, schema).map((fault) => `payload: ${fault}`)
}

const faultsOfBody = (value, schema) => [
  ...check(value, schema),
  ...strayKeys(value, schema, description).map((path) => `${path} is not described`),
]

const lines = process.argv.slice(2).flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== ''),
)
const records = lines.map((line) => JSON.parse(line))
const webhooks = records.filter((record) => 'webhook' in record)
const exchanges = records.filter((record) => !('webhook' in record))
const counts = new Map()
for (const [group, faultsOf, nameOf] of [
  [exchanges, faultsOfExchange, ({ method, path }) => `${method} ${path.replace(/\b([0-9a-f]{40}|\d+)\b/g, '*')}`],
  [webhooks, faultsOfWebhook, ({ webhook, payload }) => `webhook ${webhook} ${payload.action ?? ''}`],
])
  for (const record of group)
    for (const fault of faultsOf(record)) {
      const text = `${nameOf(record)}: ${fault}`
      if (isKnownInaccuracy(text)) continue
      counts.set(text, (counts.get(text) ?? 0) + 1)
    }

for (const [text, count] of counts) console.log(`${text}${count > 1 ? ` (${count} times)` : ''}`)
console.log(`${webhooks.length} webhook payloads checked`)
console.log(
  `${exchanges.length} exchanges checked, ${[...counts.values()].reduce((sum, count) => sum + count, 0)} faults`,
)
process.exitCode = counts.size > 0 || exchanges.length === 0 ? 1 : 0
