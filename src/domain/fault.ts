/** What is wrong with an object, in Kubernetes' own words. */
import { nameOfNode, type ResourceEvent, type ResourceNode } from './resource-tree.ts'
import type { Suspect } from './suspect.ts'

/** The object and its fault in one sentence; `events`, oldest first, say why where Argo CD does not. */
export function faultOf({ node, root }: Suspect, events: readonly ResourceEvent[]): string {
  const { health, pod } = node
  const state = pod?.state === 'Running' ? 'not ready' : (pod?.state ?? '')
  const words = wordsOf(node, node === root, events)
  const restarts =
    pod === null || pod.restarts === 0 ? '' : ` (${pod.restarts} restart${pod.restarts === 1 ? '' : 's'})`
  const fault = [state, words].filter((part) => part !== '').join(': ') || health.status
  return `${nameOfNode(node)}: ${fault}${restarts}`
}

function wordsOf({ health, pod }: ResourceNode, isRoot: boolean, events: readonly ResourceEvent[]): string {
  const warning = events.findLast(({ isWarning }) => isWarning)?.message ?? ''
  // A workload that is blamed itself has no pod to blame: its last attempt to make one says why.
  if (pod === null) return (isRoot && warning) || health.message || warning
  // Kubernetes before 1.31 tells what the registry said in an event alone.
  const refusal = events.findLast(({ message }) => /^Failed to (pull|inspect|apply)\b/.test(message))?.message ?? ''
  if (/Image/.test(pod.state) && !health.message.includes('ErrImagePull: ')) return refusal || health.message || warning
  return health.message || warning
}

/** The container that Argo CD or the events speak of, '' where neither does. */
export function containerOf({ health }: ResourceNode, events: readonly ResourceEvent[]): string {
  const [, named = ''] = /\bcontainer=([a-z0-9-]+)/.exec(health.message) ?? []
  return named || (events.findLast(({ isWarning, container }) => isWarning && container !== '')?.container ?? '')
}

/** Whether a container of it ran, so that it may have a log. */
export const hasRun = ({ pod }: ResourceNode): boolean =>
  pod !== null && (pod.restarts > 0 || /^(Init:)?(Running|Completed|Error|OOMKilled|Signal:|ExitCode:)/.test(pod.state))
