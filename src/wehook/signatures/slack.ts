import { z } from 'zod'
import { type Check, forged, hmacOf, isMadeWithAny, type Keys, markOf, staleBy, unsigned } from './signature.ts'

/**
 * `X-Slack-Signature: v0=<hex>` with `X-Slack-Request-Timestamp`: an HMAC-SHA256 of `v0:<seconds>:<body>` (Slack:
 * "Verifying requests from Slack"). Whether an address is its owner's is asked where that is registered, signed as well.
 */
export const slack =
  (keys: Keys, toleranceSeconds: number): Check =>
  ({ header, body, atMs }) => {
    const seconds = header('x-slack-request-timestamp') ?? ''
    const hex = /^v0=([0-9a-f]{64})$/i.exec(header('x-slack-signature') ?? '')?.[1]
    if (hex === undefined || !/^[0-9]{1,12}$/.test(seconds)) return unsigned('X-Slack-Signature')
    const made = (key: Uint8Array) => hmacOf('sha256', key, ['v0:', seconds, ':', body])
    if (!isMadeWithAny(keys, [Buffer.from(hex, 'hex')], made)) return forged()
    const stale = staleBy(seconds, atMs, toleranceSeconds)
    if (stale !== null) return stale
    const challenge = challengeIn(body)
    return challenge === null ? { mark: markOf(seconds, body) } : { answer: challenge }
  }

const ChallengeSchema = z.object({ type: z.literal('url_verification'), challenge: z.string() })
const CHALLENGE_MAX_BYTES = 1000

/** Slack: "url_verification event". What is no JSON, as commands are not, is none. */
function challengeIn(body: Uint8Array): string | null {
  if (body.length > CHALLENGE_MAX_BYTES || body[0] !== OPENING_BRACE) return null
  try {
    return ChallengeSchema.safeParse(JSON.parse(new TextDecoder().decode(body))).data?.challenge ?? null
  } catch {
    return null
  }
}

const OPENING_BRACE = 0x7b
