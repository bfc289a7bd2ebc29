/** Asks a WeHook to hand a callback to previews once more. */
import { request } from 'undici'
import { z } from 'zod'
import { Terminal } from '../domain/errors.ts'
import { urlBelow } from '../domain/url-below.ts'

const AnswerSchema = z.union([z.object({ sent: z.number() }), z.object({ error: z.string() })])

/**
 * @param server where it is reached, at a path of its host too @param to a preview, null for all that take it
 * @returns to how many it goes
 * @throws {Terminal} (operator) it does not do that, and why
 */
export async function replayCallback({
  server,
  token,
  id,
  to,
}: {
  readonly server: string
  readonly token: string
  readonly id: string
  readonly to: string | null
}): Promise<number> {
  if (!URL.canParse(server)) throw new Terminal(`--server ${server} is no address`, { whose: 'operator' })
  const { statusCode, body } = await request(
    urlBelow(new URL(server), `api/callbacks/${encodeURIComponent(id)}/replay`),
    {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to }),
    },
  )
  const answer = AnswerSchema.safeParse(await body.json().catch(() => null))
  if (answer.success && 'sent' in answer.data && answer.data.sent > 0) return answer.data.sent
  if (answer.success && 'sent' in answer.data) {
    throw new Terminal(`No running preview ${to === null ? '' : `called ${to} `}takes it`, { whose: 'operator' })
  }
  const words = answer.success && 'error' in answer.data ? answer.data.error : `${statusCode}`
  throw new Terminal(`WeHook at ${server} answered: ${words}`, { whose: 'operator' })
}
