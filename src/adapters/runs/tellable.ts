import { cleanText } from './clean-lines.ts'
import { redactorOf } from './redact.ts'

/** Longer ones are cut, in characters: the whole of it stands in the log. */
const REASON_MAX = 600

/**
 * Makes what a tool or a server said fit for Checks and pages: one line, without what looks like a secret, bounded. They
 * are seen by more people than a run's log.
 */
export function tellableOf(secrets: readonly string[]): (text: string) => string {
  const redactor = redactorOf(secrets)
  return (text) => {
    const clean = cleanText(text, redactor)
    return clean.length <= REASON_MAX ? clean : `${clean.slice(0, REASON_MAX).replace(/[\uD800-\uDBFF]$/, '')} …`
  }
}
