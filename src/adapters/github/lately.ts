import { type BoundedMap, boundedMap } from './bounded-map.ts'
import type { CheckRun } from './check-runs.ts'
import type { DeploymentStatus } from './deployments.ts'

/**
 * What this App's Check runs and Deployments say, as this process read or wrote it last: nobody but this App changes
 * them, and `told` reads the Check run afresh whenever a preview is observed. Losing any of it costs requests only.
 */
export interface Lately {
  /**
   * By `checkNameAt`. A run that was made a moment ago may not be in GitHub's lists yet; `run` is null from before a
   * write until its answer, so that a write whose outcome is not known is looked up.
   */
  readonly checks: BoundedMap<{ readonly id: number; readonly run: CheckRun | null }>
  /** Ids of Deployments, by repo, environment and SHA; GitHub's lists may not have them yet. */
  readonly deployments: BoundedMap<number>
  /** The last status of a Deployment, by its id; none from before a write until its answer. */
  readonly said: BoundedMap<DeploymentStatus>
}

const CHECKS_MAX_BYTES = 16_000_000
/** What an entry takes beside its texts. */
const OVERHEAD_BYTES = 1_000
const DEPLOYMENTS_MAX = 20_000

/** Remembers nothing yet. */
export const rememberingLately = (): Lately => ({
  checks: boundedMap(CHECKS_MAX_BYTES, ({ run }) => {
    const { summary, text } = run?.output ?? { summary: null, text: null }
    return OVERHEAD_BYTES + 2 * ((summary?.length ?? 0) + (text?.length ?? 0))
  }),
  deployments: boundedMap(DEPLOYMENTS_MAX, () => 1),
  said: boundedMap(DEPLOYMENTS_MAX, () => 1),
})

/** A key's Check run at a commit. */
export const checkNameAt = (key: string, sha: string): string => `${key}@${sha}`
