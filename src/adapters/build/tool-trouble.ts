/** What the last words of docker and buildah mean for who must mend it. */
import { Terminal } from '../../domain/errors.ts'
import type { ToolFailed } from '../child-process.ts'

/** Go's network errors, and the registry's own; also a full disk and an engine that went away. */
const PLATFORM = [
  /\bdial (tcp|unix|udp)\b/,
  /connection (refused|reset)|no such host|i\/o timeout|network is unreachable|broken pipe/i,
  /TLS handshake timeout|deadline exceeded|Client\.Timeout|unexpected EOF|: EOF\b/i,
  /toomanyrequests|too many requests/i,
  /(status(?: code)?:?|HTTP status:) (429|5[0-9]{2})|\b(500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway)/i,
  /no space left on device|cannot allocate memory/i,
  /Cannot connect to the Docker daemon|error during connect/i,
]
const UNTRUSTED = /server gave HTTP response to HTTPS client|x509: /
const DENIED =
  /\b(denied|unauthorized|forbidden|authentication required|no basic auth credentials|insufficient_scope)\b|\b403\b/i
/** The image itself is not there: another process with this engine took it away. */
const GONE = /An image does not exist locally/
const UNKNOWN = /name unknown|NAME_UNKNOWN|does not exist/

export const isPlatformTrouble = (words: string): boolean => PLATFORM.some((pattern) => pattern.test(words))

/** Of a line of a tool's; the author's own words (a whole RUN) may stand in its middle. */
const WORDS_MAX_CHARACTERS = 4000

/**
 * The line in which the tool says why it gave up; what else stands there is the build's own output. Of a longer one the
 * middle is left out: how it begins and how it ends is what tells.
 */
export function lastWordsOf({ stderr, tail }: Pick<ToolFailed, 'stderr' | 'tail'>): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const verdict = lines.findLast((line) => /^(error|failed to|cannot connect|denied|unauthorized)/i.test(line))
  const words = (verdict ?? lines.at(-1) ?? tail.at(-1) ?? 'it gave no reason').replace(/^error: /i, '').trim()
  return withoutMiddle(words, WORDS_MAX_CHARACTERS)
}

/** `text`, or its beginning and its end where it is longer than `max` characters. */
export const withoutMiddle = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max / 2)} … ${text.slice(-max / 2)}` : text

/** What a failed push means: the operator's to mend where the registry refuses, else the platform's trouble. */
export function pushFailureOf(failed: ToolFailed, image: string): Error {
  const words = lastWordsOf(failed)
  const operator = (why: string) =>
    new Terminal(`${image} can't be pushed: ${why}`, { whose: 'operator', details: failed.tail, cause: failed })
  if (UNTRUSTED.test(words))
    return operator(
      `${words} (registry.plainHttp is for registries without TLS, registry.caFile for an authority of one’s own)`,
    )
  if (isPlatformTrouble(words)) return new Error(`${image} could not be pushed: ${words}`, { cause: failed })
  if (DENIED.test(words)) return operator(`the registry refuses it: ${words}`)
  if (UNKNOWN.test(words) && !GONE.test(words)) return operator(`the registry has no such repository: ${words}`)
  return new Error(`${image} could not be pushed: ${words}`, { cause: failed })
}
