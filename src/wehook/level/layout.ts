/**
 * What is where in the embedded store. Keys, in parts that a NUL separates, which no name has:
 * `c source id`: a callback. `i id`: its source, its mark and what a list says of it. `m source mark`: its id.
 * `g listener`: the source that it follows, and the last callback up to which it has had all but what is in `r`.
 * `r listener due id`: what is to be tried again, and how often it was. `o id listener`: what came of it.
 * `bytes`: of all these but `g`, of which there are few.
 */
import type { ClassicLevel } from 'classic-level'
import { z } from 'zod'
import type { Put, Write } from '../grouped-writes.ts'

export type LevelDb = ClassicLevel<string, Buffer>

const keyOf = (...parts: readonly string[]): string => parts.join('\0')
/** After all keys that begin with these parts and one more. */
const endOf = (...parts: readonly string[]): string => `${parts.join('\0')}\x01`
/** All keys that begin with these parts and have more. */
const within = (...parts: readonly string[]): Range => ({ gt: keyOf(...parts, ''), lt: endOf(...parts) })

/** Keys between these two. */
export interface Range {
  readonly gt: string
  readonly lt: string
}

/** The id, or the name of the listener, that a key ends with. */
export const lastPartOf = (key: string): string => key.slice(key.lastIndexOf('\0') + 1)

const DUE_DIGITS = 12
const dueOf = (ms: number): string => ms.toString(16).padStart(DUE_DIGITS, '0')

export const callbackKey = (source: string, id: string): string => keyOf('c', source, id)
export const callbacksAfter = (source: string, id: string): Range => ({
  gt: callbackKey(source, id),
  lt: endOf('c', source),
})

export const noticeKey = (id: string): string => keyOf('i', id)
export const allNotices: Range = within('i')
export const noticesBefore = (id: string): Range => ({ gt: allNotices.gt, lt: noticeKey(id) })

export const markKey = (source: string, mark: string): string => keyOf('m', source, mark)

export const followerKey = (listener: string): string => keyOf('g', listener)
export const allFollowers: Range = within('g')

export const tryKey = (listener: string, dueMs: number, id: string): string => keyOf('r', listener, dueOf(dueMs), id)
export const triesOf = (listener: string): Range => within('r', listener)
export const triesDue = (listener: string, nowMs: number): Range => ({
  gt: triesOf(listener).gt,
  lt: keyOf('r', listener, dueOf(nowMs + 1)),
})
/** When a try is due, by its key. */
export const dueMsOf = (key: string): number => Number.parseInt(key.split('\0').at(-2) ?? '', 16)
/** Whose try a key is, null for a key of another kind. */
export function triedByKey(key: string): string | null {
  const [kind, listener = ''] = key.split('\0', 2)
  return kind === 'r' ? listener : null
}

export const outcomeKey = (id: string, listener: string): string => keyOf('o', id, listener)
export const outcomesOf = (id: string): Range => within('o', id)

/** Whether what is under a key is part of `bytes`. */
export const isCounted = (key: string): boolean => !key.startsWith('g\0')

const NoticeSchema = z.object({
  source: z.string(),
  mark: z.string().nullable(),
  receivedAtMs: z.number(),
  method: z.string(),
  suffix: z.string(),
})
const FollowedSchema = z.object({ source: z.string(), had: z.string() })
const AttemptsSchema = z.object({ attempts: z.number(), sinceMs: z.number() })

export type Notice = Readonly<z.output<typeof NoticeSchema>>
export type Followed = Readonly<z.output<typeof FollowedSchema>>
export type Attempts = Readonly<z.output<typeof AttemptsSchema>>

export const jsonOf = (value: Buffer): unknown => JSON.parse(value.toString())
export const noticeOf = (value: Buffer): Notice => NoticeSchema.parse(jsonOf(value))
export const followedOf = (value: Buffer): Followed => FollowedSchema.parse(jsonOf(value))
/** Null where that is damaged. */
export function attemptsOf(value: Buffer): Attempts | null {
  try {
    return AttemptsSchema.parse(jsonOf(value))
  } catch {
    return null
  }
}

const bytesOf = (value: object): Buffer => Buffer.from(JSON.stringify(value))
export const put = (key: string, value: object): Put => ({ type: 'put', key, value: bytesOf(value), isNew: false })
/** Where nothing is under that key, as under those with an id that was just given. */
export const putNew = (key: string, value: object): Put => putNewBytes(key, bytesOf(value))
export const putNewBytes = (key: string, value: Buffer): Put => ({ type: 'put', key, value, isNew: true })
export const removal = (key: string): Write => ({ type: 'del', key })

/** Keys that are removed in one write: others wait to write meanwhile. */
export const REMOVED_AT_ONCE = 100
