/** Which object of a preview keeps it from being live, and whether that is certain to stay so. */
import { nameOfNode, type ResourceNode } from './resource-tree.ts'

export interface Suspect {
  readonly node: ResourceNode
  /** The managed object that it belongs to; `node` itself where it is one. */
  readonly root: ResourceNode
  /** Waiting longer would change nothing without somebody's help. */
  readonly isCertain: boolean
}

export interface Sight {
  /** The managed object, `Kind/name`, to look below; null for all of them. */
  readonly below: string | null
  /** What was created before may be of an older revision, so that nothing is certain of it; null: all is of this one. */
  readonly sinceMs: number | null
  readonly nowMs: number
  /** So many restarts make a crash loop certain. */
  readonly crashRestarts: number
}

/** Kubernetes (kubelet): why a container waits for its image. ErrImagePull may be a registry's hiccup. */
const CERTAIN_AT_ONCE: readonly string[] = ['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']
/** Kubernetes (kubelet): why a container can't be made. A controller may still bring the Secret that is missing. */
const CERTAIN_IN_TIME: readonly string[] = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']
const IN_TIME_MS = 60_000
/**
 * Kubernetes (kubelet): the states of a container between two runs. Those of 1.35 and newer say CrashLoopBackOff for a
 * moment only, and how it ended for most of the wait.
 */
const ENDED = /^(CrashLoopBackOff|Error|Completed|OOMKilled|StartError|ContainerCannotRun|Signal:\d+|ExitCode:\d+)$/

/**
 * The object that is most to blame: one below a managed object that is not healthy, and below its newest ReplicaSet, so
 * that an old pod of the last good revision is not blamed.
 * @returns null where the tree shows nothing amiss
 */
export function suspectOf(tree: readonly ResourceNode[], sight: Sight): Suspect | null {
  const lines = linesOf(tree)
  const newest = newestIn(tree)
  const isOutdated = (line: readonly ResourceNode[]) => line.some((each) => newest.get(familyOf(each)) !== each)
  const isMakingRoom = lines.some((line) => line[0].pod !== null && (isOutdated(line) || isTerminating(line[0])))
  const suspects = lines.flatMap((line) => {
    const [node] = line
    const root = line.at(-1) ?? node
    if (isOutdated(line) || !isUnwell(root)) return []
    if (sight.below !== null && nameOfNode(root) !== sight.below) return []
    if (node !== root && !isFaulty(node)) return []
    const isOfJob = line.some(({ kind }) => kind === 'Job')
    return [{ node, root, isCertain: isCertain(node, sight, isMakingRoom, isOfJob) }]
  })
  return suspects.toSorted((a, b) => rankOf(b) - rankOf(a) || createdAt(b.node) - createdAt(a.node))[0] ?? null
}

/**
 * A pod of the newest ReplicaSet that was restarted since it was made: between two crashes it is as ready as any.
 * @returns null where there is none; what has run to its end counts as none
 */
export const restartedIn = (tree: readonly ResourceNode[]): ResourceNode | null => {
  const newest = newestIn(tree)
  const isCurrent = (line: Line) => line.every((each) => newest.get(familyOf(each)) === each)
  const isJudged = (line: Line) => line.at(-1)?.health.status !== ''
  const restarted = linesOf(tree).find(
    (line) =>
      (line[0].pod?.restarts ?? 0) > 0 &&
      !['Completed', 'Terminating'].includes(line[0].pod?.state ?? '') &&
      isCurrent(line) &&
      isJudged(line),
  )
  return restarted?.[0] ?? null
}

/** @param isOfJob a Job counts the attempts itself, and gives up by itself */
function isCertain(
  node: ResourceNode,
  { sinceMs, nowMs, crashRestarts }: Sight,
  isMakingRoom: boolean,
  isOfJob: boolean,
): boolean {
  const { createdAtMs, pod, health } = node
  if (createdAtMs === null || (sinceMs !== null && createdAtMs < sinceMs)) return false
  const isInTime = nowMs - createdAtMs >= IN_TIME_MS
  // Kubernetes: a ReplicaSet that is refused its pods (ReplicaFailure), by a quota or an admission rule.
  if (node.kind === 'ReplicaSet') return health.status === 'Degraded' && isInTime && !isMakingRoom
  if (pod === null) return false
  const state = pod.state.replace(/^Init:/, '')
  if (ENDED.test(state)) return !isOfJob && pod.restarts >= crashRestarts
  return CERTAIN_AT_ONCE.includes(state) || (CERTAIN_IN_TIME.includes(state) && isInTime)
}

type Line = readonly [ResourceNode, ...ResourceNode[]]

/** Each object with its owners, up to the managed one. */
function linesOf(tree: readonly ResourceNode[]): readonly Line[] {
  const byUid = new Map(tree.map((node) => [node.uid, node]))
  const ownerOf = ({ owners }: ResourceNode) => owners.map((uid) => byUid.get(uid)).find((owner) => owner !== undefined)
  return tree.map((node) => {
    const line: [ResourceNode, ...ResourceNode[]] = [node]
    for (let owner = ownerOf(node); owner !== undefined && !line.includes(owner); owner = ownerOf(owner)) {
      line.push(owner)
    }
    return line
  })
}

/** One owner's ReplicaSets, or a CronJob's Jobs, of which the newest counts; anything else is a family of its own. */
const familyOf = (node: ResourceNode): ResourceNode | string =>
  (node.kind === 'ReplicaSet' || node.kind === 'Job') && node.owners.length > 0
    ? `${node.kind} of ${node.owners[0]}`
    : node

/** A ReplicaSet that is used again keeps its age and gets a new revision. */
function newestIn(tree: readonly ResourceNode[]): ReadonlyMap<ResourceNode | string, ResourceNode> {
  const newest = new Map<ResourceNode | string, ResourceNode>()
  for (const node of tree) {
    const other = newest.get(familyOf(node))
    const isNewer =
      other === undefined ||
      node.revision > other.revision ||
      (node.revision === other.revision && createdAt(node) > createdAt(other))
    if (isNewer) newest.set(familyOf(node), node)
  }
  return newest
}

/** Argo CD: a kind without a rule, and what is suspended, keep no Application from being healthy. */
const isUnwell = ({ health }: ResourceNode): boolean => !['', 'Healthy', 'Suspended'].includes(health.status)

const isFaulty = (node: ResourceNode): boolean =>
  isUnwell(node) && (node.pod === null ? node.health.status === 'Degraded' : !isTerminating(node))

const isTerminating = ({ pod }: ResourceNode): boolean => pod?.state === 'Terminating'

/** What is certain, then what is broken, then what is only not ready; a pod before what made it. */
function rankOf({ node, root, isCertain }: Suspect): number {
  const isBroken = node.health.status === 'Degraded' && node !== root
  return (isCertain ? 8 : 0) + (isBroken ? 4 : 0) + (node.pod === null ? 0 : 2) + (node === root ? 0 : 1)
}

const createdAt = ({ createdAtMs }: ResourceNode): number => createdAtMs ?? 0
