/** What a Job's pod and the Job itself say of how it goes. */
import { z } from 'zod'
import { listOf, text } from '../argocd/go-json.ts'

/** Kubernetes: "Pod Lifecycle", container states. */
const ContainerStatusSchema = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object({ reason: text, message: text }).optional(),
      running: z.object({}).optional(),
      terminated: z.object({ exitCode: z.number(), reason: text, message: text }).optional(),
    })
    .prefault({}),
})

const ConditionSchema = z.object({ type: z.string(), status: z.string(), reason: text, message: text })

const PodSchema = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
  status: z
    .object({
      phase: text,
      reason: text,
      message: text,
      conditions: listOf(ConditionSchema),
      initContainerStatuses: listOf(ContainerStatusSchema),
      containerStatuses: listOf(ContainerStatusSchema),
    })
    .prefault({}),
})

const JobSchema = z.object({ status: z.object({ conditions: listOf(ConditionSchema) }).prefault({}) })

type ContainerStatus = z.output<typeof ContainerStatusSchema>
export type PodView = z.output<typeof PodSchema>
export type JobView = z.output<typeof JobSchema>
export const podIn = (json: unknown): PodView => PodSchema.parse(json)
export const jobIn = (json: unknown): JobView => JobSchema.parse(json)

export type PodState =
  /** `isStuck`: it can't start as it is, though somebody may mend that. */
  | { readonly kind: 'waiting'; readonly why: string; readonly isStuck: boolean }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly messages: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly container: string; readonly message: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'lost'; readonly why: string }

/** How a pod stands, by its own words. */
export function stateOf({ metadata, status }: PodView): PodState {
  const { phase, reason, message, conditions } = status
  const all = [...status.initContainerStatuses, ...status.containerStatuses]
  if (phase === 'Succeeded') {
    return {
      kind: 'done',
      messages: Object.fromEntries(all.map((one) => [one.name, one.state.terminated?.message ?? ''])),
    }
  }
  if (reason === 'DeadlineExceeded') return { kind: 'late' }
  // Kubernetes: "Disruptions", pod disruption conditions: not what ran in it, but what it ran on.
  const disruption = conditions.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True')
  if (disruption !== undefined) return { kind: 'lost', why: wordsOf(disruption) }
  if (phase === 'Unknown') return { kind: 'lost', why: wordsOf({ reason: reason || 'Unknown', message }) }
  if (metadata.deletionTimestamp !== undefined) return { kind: 'lost', why: 'its pod was deleted' }
  if (phase === 'Failed') return failureOf(status, all)
  const why = whyNotStarted({ metadata, status })
  if (why === null) return { kind: 'running' }
  return { kind: 'waiting', why, isStuck: all.some(isStuck) }
}

/** What a pod waits for of which nothing has run yet; null where something has. */
export function whyNotStarted({ status: { conditions, ...status } }: PodView): string | null {
  const all = [...status.initContainerStatuses, ...status.containerStatuses]
  const stuck = all.find(isStuck)?.state.waiting
  if (stuck !== undefined) return wordsOf(stuck)
  if (all.some(({ state }) => state.running !== undefined || state.terminated !== undefined)) return null
  const unscheduled = conditions.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')
  return unscheduled === undefined ? 'its pod has not started' : wordsOf(unscheduled)
}

/** kubelet, pkg/kubelet/images/types.go and kuberuntime: what a container waits for that does not come by itself. */
const STUCK =
  /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainer(?:Config)?Error|RunContainerError)$/

const isStuck = ({ state }: ContainerStatus): boolean => STUCK.test(state.waiting?.reason ?? '')

function failureOf({ reason, message }: PodView['status'], all: readonly ContainerStatus[]): PodState {
  const ended = all.find(({ state }) => (state.terminated?.exitCode ?? 0) !== 0)
  const end = ended?.state.terminated
  // Evicted without a disruption: it took more of the node's disk than it may.
  if (reason === 'Evicted')
    return { kind: 'failed', exitCode: end?.exitCode ?? 137, container: ended?.name ?? '', message }
  // The node came back and knows only that it is not there any more.
  if (ended === undefined || end === undefined || reason !== '' || end.reason === 'ContainerStatusUnknown') {
    return { kind: 'lost', why: wordsOf({ reason: reason || (end?.reason ?? 'Failed'), message }) }
  }
  const why = end.reason === 'Error' ? end.message : wordsOf(end)
  return { kind: 'failed', exitCode: end.exitCode, container: ended.name, message: why }
}

const wordsOf = ({ reason, message }: { readonly reason: string; readonly message: string }): string =>
  message === '' ? reason : `${reason}: ${message}`

/** How a pod's container stands, by its name: null where it has not started. */
export function standingOf({ status }: PodView, container: string): 'runs' | 'ended' | null {
  const all = [...status.initContainerStatuses, ...status.containerStatuses]
  const state = all.find(({ name }) => name === container)?.state
  if (state?.terminated !== undefined) return 'ended'
  return state?.running === undefined ? null : 'runs'
}

/** The Job controller gave it up for its deadline. Kubernetes: Jobs, "Job termination and cleanup". */
export const isPastDeadline = ({ status }: JobView): boolean =>
  status.conditions.some(
    ({ type, status: is, reason }) =>
      (type === 'Failed' || type === 'FailureTarget') && is === 'True' && reason === 'DeadlineExceeded',
  )
