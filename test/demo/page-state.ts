/** What the demo's page shows now. */
import { z } from 'zod'
import { callbackRows } from './callbacks-markup.ts'
import { gotCallbacks } from './got-callbacks.ts'
import { historyOf } from './history.ts'
import { historyRows } from './history-markup.ts'
import type { Parts } from './page.ts'
import { pullCheck, pullDeployments, pullRows, pullTools } from './pull-markup.ts'
import { SHOP } from './sample-pulls.ts'
import { shownPull } from './shown-pull.ts'
import type { World } from './start-world.ts'

export interface PageState {
  readonly parts: Parts
  /** A pull request's number -> the path of its run's page at WeStage. */
  readonly runs: Readonly<Record<number, string>>
  /** Another one whenever WeStage's list of previews shows something else. */
  readonly version: string
}

const HISTORY_MAX = 30
const Previews = z.object({ previews: z.array(z.object({ state: z.string() }).loose()) })

/** How to read it. @param selected the pull request that is marked in the list where a page is made */
export function pageStateOf(world: World): (selected: number) => Promise<PageState> {
  const { github, gitopsDir, westageUrl, apiToken, stripe, argocd } = world
  const history = historyOf(gitopsDir, HISTORY_MAX)
  return async (selected) => {
    const headers = { authorization: `Bearer ${apiToken}` }
    const answer = await fetch(`${westageUrl}/api/previews`, { headers, signal: AbortSignal.timeout(5_000) })
    // 503 right after the start: WeStage does not know all yet.
    const { previews } = answer.status === 503 ? { previews: [] } : Previews.parse(await answer.json())
    const pulls = github.pulls(SHOP).map((pull) => shownPull(github, pull))
    const parts = new Map([
      ['list', String(await pullRows(pulls, selected))],
      ['callbacks', String(await callbackRows(await gotCallbacks(stripe.payments, pulls, argocd.previewAddress)))],
      ['history', String(await historyRows(await history()))],
    ])
    for (const shown of pulls) {
      const { number } = shown.pull
      parts.set(`tools-${number}`, String(await pullTools(shown)))
      parts.set(`deployments-${number}`, String(await pullDeployments(shown)))
      parts.set(`check-${number}`, String(await pullCheck(shown)))
    }
    const runs = pulls.map(({ pull, check }) => [pull.number, runPathIn(check?.detailsUrl ?? '', westageUrl)])
    return { parts, runs: Object.fromEntries(runs), version: JSON.stringify(previews) }
  }
}

const runPathIn = (url: string, westageUrl: string): string =>
  url.startsWith(`${westageUrl}/runs/`) ? url.slice(westageUrl.length) : ''
