/** argocd-server's answers as WeStage reads them. What an older or newer Argo CD leaves out is taken for empty. */
import { z } from 'zod'
import type { ResourceEvent, ResourceNode } from '../../domain/resource-tree.ts'
import { listOf, text } from './go-json.ts'

/** Kubernetes: metav1.Time, RFC 3339; null where it is not set. */
const timeMs = z
  .string()
  .nullish()
  .transform((value) => {
    const ms = Date.parse(value ?? '')
    return Number.isNaN(ms) ? null : ms
  })
const whole = z
  .number()
  .nullish()
  .transform((value) => value ?? 0)

const NodeSchema = z.object({
  uid: text,
  group: text,
  kind: text,
  namespace: text,
  name: text,
  parentRefs: listOf(z.object({ uid: text })),
  info: listOf(z.object({ name: text, value: text })),
  health: z.object({ status: text, message: text }).nullish(),
  createdAt: timeMs,
})

const TreeSchema = z.object({ nodes: listOf(NodeSchema) })

/**
 * Argo CD: ApplicationTree. A pod's state and restarts, and a ReplicaSet's revision, stand among its `info` items.
 * @throws {z.ZodError} where it is none
 */
export const readTree = (json: unknown): ResourceNode[] => TreeSchema.parse(json).nodes.map(nodeOf)

function nodeOf({
  uid,
  group,
  kind,
  namespace,
  name,
  parentRefs,
  info,
  health,
  createdAt,
}: z.output<typeof NodeSchema>) {
  const infoOf = (wanted: string) => info.find((item) => item.name === wanted)?.value ?? ''
  const numberIn = (value: string) => Number(/\d+/.exec(value)?.[0] ?? 0)
  const isPod = kind === 'Pod' && group === ''
  return {
    uid,
    kind,
    namespace,
    name,
    owners: parentRefs.map((parent) => parent.uid).filter((owner) => owner !== ''),
    createdAtMs: createdAt,
    health: { status: health?.status ?? '', message: health?.message ?? '' },
    revision: numberIn(infoOf('Revision')),
    pod: isPod ? { state: infoOf('Status Reason'), restarts: numberIn(infoOf('Restart Count')) } : null,
  }
}

const EventSchema = z.object({
  type: text,
  reason: text,
  message: text,
  count: whole,
  series: z.object({ count: whole }).nullish(),
  involvedObject: z.object({ fieldPath: text }).nullish(),
  firstTimestamp: timeMs,
  lastTimestamp: timeMs,
  eventTime: timeMs,
  metadata: z.object({ creationTimestamp: timeMs }).nullish(),
})

const EventsSchema = z.object({ items: listOf(EventSchema) })

/**
 * Kubernetes: EventList of core/v1, oldest first. `lastTimestamp` is not set by those that use `eventTime`.
 * @throws {z.ZodError} where it is none
 */
export const readEvents = (json: unknown): ResourceEvent[] =>
  EventsSchema.parse(json)
    .items.map((event) => ({ event, atMs: lastOf(event) }))
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ event: { type, reason, message, count, series, involvedObject } }) => ({
      isWarning: type === 'Warning',
      reason,
      message: message.trim(),
      count: Math.max(1, count, series?.count ?? 0),
      container: /^spec\.\w*[cC]ontainers\{([^}]+)\}$/.exec(involvedObject?.fieldPath ?? '')?.[1] ?? '',
    }))

const lastOf = ({ lastTimestamp, eventTime, firstTimestamp, metadata }: z.output<typeof EventSchema>): number =>
  lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata?.creationTimestamp ?? 0

const LogEntrySchema = z.union([
  z.object({ result: z.object({ content: text, timeStampStr: text, last: z.boolean().nullish() }) }),
  z.object({ error: z.union([z.string(), z.object({ message: text })]) }),
])

/** What Kubernetes said instead of a log, such as that the container has not started. */
export class LogRefused extends Error {}

/**
 * The lines of a log stream (Argo CD: LogEntry, one JSON object a line).
 * @throws {LogRefused} Argo CD hands on what Kubernetes refused as a line without a time, or as an error
 * @throws {z.ZodError} a line that is none
 */
export function readLogEntries(entries: readonly unknown[]): string[] {
  return entries.flatMap((json) => {
    const entry = LogEntrySchema.parse(json)
    if ('error' in entry) throw new LogRefused(typeof entry.error === 'string' ? entry.error : entry.error.message)
    const { content, timeStampStr, last } = entry.result
    if (timeStampStr.startsWith('0001-01-01')) throw new LogRefused(content)
    return last === true ? [] : [content]
  })
}
