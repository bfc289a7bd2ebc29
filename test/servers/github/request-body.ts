/** Bodies of POST and PATCH, held to GitHub's schemas; refusals in the words that its API uses. */
import type { Context } from 'hono'
import type { z } from 'zod'
import { invalidRequest, Refusal } from './errors.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import type { Env } from './world.ts'

/**
 * The request's body, of the schema's type.
 * @throws {Refusal} 400 for what is no JSON object, 422 for what breaks the schema
 */
export async function bodyOf<T>(c: Context<Env>, schema: z.ZodType<T>): Promise<T> {
  const body = jsonOf(await c.req.text())
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw invalidRequest(parsed.error.issues.map((issue) => wordsOf(issue, body)).join('\n'))
}

/** The JSON object of a text; nothing at all stands for an empty one. */
function jsonOf(text: string): JsonObject {
  if (text === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Refusal(400, 'Problems parsing JSON')
  }
  if (!isJsonObject(value)) throw new Refusal(400, 'Body should be a JSON object')
  return value
}

function wordsOf(issue: z.core.$ZodIssue, body: JsonObject): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${key}"`).join(', ')
    return issue.keys.length === 1 ? `${keys} is not a permitted key.` : `${keys} are not permitted keys.`
  }
  const given = valueAt(body, issue.path)
  if (given === undefined) return `"${String(issue.path.at(-1))}" wasn't supplied.`
  if (issue.code === 'too_big' && typeof given === 'string')
    return `Only ${String(issue.maximum)} characters are allowed; ${given.length} were supplied.`
  if (issue.code === 'too_big' && Array.isArray(given))
    return `No more than ${String(issue.maximum)} items are allowed; ${given.length} were supplied.`
  const where = issue.path.map((key) => `properties/${String(key)}`).join('/')
  const what = given === null ? 'nil' : JSON.stringify(given)
  if (issue.code === 'invalid_value')
    return `For '${where}', ${what} is not a member of ${JSON.stringify(issue.values)}.`
  if (issue.code === 'invalid_type')
    return `For '${where}', ${what} is not ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}.`
  return `For '${where}', ${what} is not valid: ${issue.message}.`
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)]
    else value = isJsonObject(value) ? value[String(key)] : undefined
  }
  return value
}
