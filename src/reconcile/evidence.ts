/** What the objects of a preview say of why it is not live: which one is to blame, and what it and its log say. */
import type { Application } from '../domain/application.ts'
import { containerOf, faultOf, hasRun } from '../domain/fault.ts'
import { appliedSinceMs, type Expected, type Verdict } from '../domain/health.ts'
import { nameOfNode, type ResourceEvent } from '../domain/resource-tree.ts'
import { restartedIn, type Suspect, suspectOf } from '../domain/suspect.ts'
import type { Clock, Resources, RunLog } from '../ports.ts'
import type { Settings } from './settings.ts'

export interface EvidencePorts {
  /** null where Argo CD's own word on an Application has to do. */
  readonly resources: Resources | null
  readonly clock: Clock
}

/** The last ones; a failure's tail holds them together with the end of the log. */
const EVENTS_MAX = 6

export interface Evidence {
  /** Why the preview is not live; names the object. */
  readonly sentence: string
  /** Waiting longer would change nothing without somebody's help. */
  readonly isCertain: boolean
}

/**
 * Looks for the object to blame. Where the wait is over (failed, too late, or certain to fail), what is known of it is
 * written to the run's log: the last lines of its container, then its events.
 * @returns null where it goes on, where no object is to blame, and where Argo CD can't be asked for them
 */
export async function evidenceOf(
  application: Application,
  verdict: Verdict,
  expected: Expected,
  isLate: boolean,
  run: RunLog,
  { resources, clock }: EvidencePorts,
  { crashRestarts }: Settings,
  signal: AbortSignal,
): Promise<Evidence | null> {
  if (resources === null || verdict.kind === 'live' || !verdict.isApplied) return null
  const tree = await resources.tree(application.name, signal)
  if (tree === null) return null
  const suspect = suspectOf(tree, {
    below: verdict.kind === 'failed' && isOfObject(verdict.object) ? verdict.object : null,
    sinceMs: appliedSinceMs(application, expected),
    nowMs: clock.now(),
    crashRestarts,
  })
  if (suspect === null) return null
  if (verdict.kind === 'progressing' && !isLate && !suspect.isCertain) return null
  const fault = await gather(suspect, application, run, resources, signal)
  const first = verdict.kind === 'failed' ? failureOf(verdict, suspect) : ''
  return { sentence: first === '' || first === fault ? fault : `${first}; ${fault}`, isCertain: suspect.isCertain }
}

/** Kubernetes: a crash loop's first waits are 10 and 20 s, and in between a pod without probes counts as ready. */
const STAYS_UP_MS = 20_000

/**
 * Whether an Application that is healthy is so for good: one whose pods were restarted must have been healthy for a while.
 * @returns null where it is, else for how long it must still be, and what is waited for
 */
export async function unsteadiness(
  { name, health }: Application,
  { resources, clock }: EvidencePorts,
  signal: AbortSignal,
): Promise<{ readonly waitingFor: string; readonly remainingMs: number } | null> {
  const remainingMs = (health.sinceMs ?? 0) + STAYS_UP_MS - clock.now()
  if (resources === null || remainingMs <= 0) return null
  const pod = restartedIn((await resources.tree(name, signal)) ?? [])
  if (pod === null) return null
  return { waitingFor: `${nameOfNode(pod)} to stay up: it was restarted ${pod.pod?.restarts} times`, remainingMs }
}

/** @returns what is wrong with it */
async function gather(
  suspect: Suspect,
  { name }: Application,
  run: RunLog,
  resources: Resources,
  signal: AbortSignal,
): Promise<string> {
  const { node } = suspect
  const events = (await resources.events(name, node, signal)) ?? []
  const container = containerOf(node, events)
  const lines = (hasRun(node) ? await resources.logs(name, node, container, signal) : null) ?? []
  if (lines.length > 0) run.write(`Last lines of ${container === '' ? '' : `${container} in `}${nameOfNode(node)}:`)
  for (const line of lines) run.write(line)
  if (events.length > 0) run.write(`Events of ${nameOfNode(node)}:`)
  for (const event of events.slice(-EVENTS_MAX)) run.write(lineOf(event))
  return faultOf(suspect, events)
}

/** Argo CD 3 keeps no health of single objects in an Application, unless told to: then the tree names the object. */
function failureOf({ object, reason }: Verdict & { kind: 'failed' }, { node, root }: Suspect): string {
  if (isOfObject(object)) return `${object}: ${reason}`
  return node === root ? '' : `${nameOfNode(root)}: ${root.health.message || root.health.status}`
}

const isOfObject = (object: string): boolean => !object.startsWith('Application/')

const lineOf = ({ isWarning, reason, message, count }: ResourceEvent): string =>
  `${isWarning ? 'Warning' : 'Normal'} ${reason}${count > 1 ? ` (${count} times)` : ''}: ${message}`
