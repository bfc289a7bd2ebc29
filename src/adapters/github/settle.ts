import type { Pull } from '../../domain/pull.ts'
import type { Report } from '../../domain/report.ts'
import { checkRunOf, checkRunsAtFormer } from './check-runs.ts'
import type { Api } from './client.ts'
import { activeDeployments } from './deployments.ts'
import { eachOf } from './each-of.ts'
import type { Place } from './installations.ts'
import type { Lately } from './lately.ts'
import { changeCheckRun } from './report-check-run.ts'
import { writeStatus } from './report-deployment.ts'

const CONCURRENCY = 5

/**
 * Settles what other revisions of this environment still show, as the port says. Which revisions there were is read off
 * the environment's Deployments: every one gets its Deployment before its Check run, and keeps it active until that is
 * completed.
 */
export async function settle(
  api: Api,
  place: Place,
  appId: number,
  pull: Pull,
  closing: Report,
  which: 'checks' | 'deployments',
  lately: Lately,
): Promise<void> {
  const { deployment: wanted } = closing
  if (wanted === null) return
  const others = await activeDeployments(api, place, wanted.environment, pull.head, lately)
  await eachOf(others, CONCURRENCY, async ({ deployment, state }) => {
    const run = checkRunOf(await checkRunsAtFormer(api, place, appId, deployment.sha), closing.key)
    const isUnderWay = run?.status !== 'completed' || state === null || UNDER_WAY.has(state)
    if (run !== null && run.status !== 'completed') {
      await changeCheckRun(api, place, deployment.sha, run, closing, lately)
    }
    if (which === 'deployments' || isUnderWay) {
      await writeStatus(api, place, deployment, { ...wanted, state: 'inactive', environmentUrl: '' }, lately)
    }
  })
}

const UNDER_WAY: ReadonlySet<string> = new Set(['queued', 'pending', 'in_progress'])
