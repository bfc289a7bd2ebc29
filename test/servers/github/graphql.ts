/** GitHub: GraphQL, one endpoint, held to GitHub's schema by the reference implementation of the language. */
import { type ExecutionResult, type GraphQLError, graphql } from 'graphql'
import type { Hono } from 'hono'
import { z } from 'zod'
import { type Caller, requireInstallation } from './app-auth.ts'
import { commitOnBranch } from './commit-on-branch.ts'
import { Refusal } from './errors.ts'
import { MutationRefusal } from './graphql-refusal.ts'
import { SCHEMA } from './graphql-schema.ts'
import type { JsonObject } from './json.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Env, World } from './world.ts'

const Asked = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).nullish() })

/** @param points what a caller may spend in an hour, apart from what it may ask of REST */
export function addGraphql(api: Hono<Env>, world: World, points: RateLimits): void {
  api.post('/graphql', async (c) => {
    const caller = c.get('caller')
    if (caller.kind === 'nobody') throw new Refusal(401, 'This endpoint requires you to be authenticated.')
    requireInstallation(caller)
    const { query, variables } = askedIn(await c.req.text())
    const answer = points.isUsedUp(caller)
      ? { errors: [{ type: 'RATE_LIMITED', message: points.words(caller) }] }
      : await answerOf(world, caller, query, variables ?? {}, points)
    for (const [name, value] of Object.entries(points.headers(caller))) c.header(name, value)
    return c.json(answer)
  })
}

/** GitHub says so of a body without a query. @throws {Refusal} 400 */
function askedIn(text: string): z.output<typeof Asked> {
  try {
    return Asked.parse(JSON.parse(text))
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause
    throw new Refusal(400, 'A query attribute must be specified and must be a string.')
  }
}

async function answerOf(
  world: World,
  caller: Caller,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  points: RateLimits,
): Promise<JsonObject> {
  points.spend(caller)
  const rootValue = {
    createCommitOnBranch: ({ input }: { input: unknown }) => commitOnBranch(world, caller, input),
    rateLimit: () => ({ cost: 1, ...points.view(caller) }),
  }
  const result = await graphql({ schema: SCHEMA, source: query, rootValue, variableValues: variables })
  return wordsOf(result)
}

/** GitHub: `type`, where an error has one, stands beside its message. */
function wordsOf({ data, errors }: ExecutionResult): JsonObject {
  const answer: JsonObject = data === undefined ? {} : { data: JSON.parse(JSON.stringify(data)) }
  return errors === undefined ? answer : { ...answer, errors: errors.map(errorOf) }
}

function errorOf({ message, path, locations, originalError }: GraphQLError): JsonObject {
  const where = { path: [...(path ?? [])], locations: (locations ?? []).map(({ line, column }) => ({ line, column })) }
  if (originalError instanceof MutationRefusal) return { type: originalError.type, ...where, message }
  if (originalError !== undefined && originalError !== null && path !== undefined) throw originalError
  return { ...where, message }
}
