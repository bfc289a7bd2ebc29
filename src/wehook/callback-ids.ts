/** Ids of callbacks: in the order in which they were given, whatever the clock does. */
import { randomBytes } from 'node:crypto'

const TIME_DIGITS = 12
const COUNT_DIGITS = 4
const COUNT_MAX = 16 ** COUNT_DIGITS - 1

/** The id before which all are that were given before that time. */
export const firstIdAt = (ms: number): string => Math.max(0, ms).toString(16).padStart(TIME_DIGITS, '0')

/**
 * @param last the last id that was given before this, or the beginning of one, null for none
 * @returns gives the next id: the time in milliseconds and a count in hexadecimal, then what nobody can guess
 */
export function callbackIds(last: string | null): (nowMs: number) => string {
  let ms = last === null ? 0 : Number.parseInt(last.slice(0, TIME_DIGITS), 16)
  let count = last === null ? 0 : Number.parseInt(last.slice(TIME_DIGITS, TIME_DIGITS + COUNT_DIGITS) || '0', 16)
  return (nowMs) => {
    if (nowMs > ms) {
      ms = nowMs
      count = 0
    } else if (count < COUNT_MAX) count += 1
    else {
      ms += 1
      count = 0
    }
    return `${firstIdAt(ms)}${count.toString(16).padStart(COUNT_DIGITS, '0')}${randomBytes(6).toString('hex')}`
  }
}
