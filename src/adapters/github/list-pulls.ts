import { z } from 'zod'
import type { PullSummary } from '../../domain/pull.ts'
import type { PullList } from '../../ports.ts'
import type { Api, Client } from './client.ts'
import { eachOf } from './each-of.ts'
import type { Installations, Place } from './installations.ts'
import { costMeter } from './meter.ts'
import { isLabelled, type PullAnswer, PullSchema } from './read-pull.ts'
import { RequestFailed } from './request-faults.ts'

const PullPage = z.array(PullSchema)
/** Of the requests that GitHub takes at a time, most are left to those who wait for an answer. */
const CONCURRENCY = 6
/** Who asks for what changed since this very moment wants the open ones alone. */
const MOMENT_MS = 5_000

/** All open pull requests, and those that changed since `sinceMs`, as the port says. */
export async function listPulls(
  client: Client,
  repos: Installations,
  label: string,
  sinceMs: number,
  signal: AbortSignal,
  nowMs: number,
): Promise<PullList> {
  const meter = costMeter()
  const { places, faults } = await repos.survey(signal, meter)
  const unread = faults.map(({ installation, error }) => `${installation}: ${reasonOf(error)}`)
  const busy = places.filter(({ isIdle }) => !isIdle)
  const lists = await eachOf(busy, CONCURRENCY, async (place) => {
    const api = client.as(place.installationId, signal, meter)
    try {
      const open = await openPulls(api, place)
      const changed = sinceMs < nowMs - MOMENT_MS ? await changedPulls(api, place, sinceMs) : []
      const each = new Map([...open, ...changed].map((pull) => [pull.number, summaryOf(pull, label)]))
      return [...each.values()]
    } catch (error) {
      signal.throwIfAborted()
      unread.push(`${place.owner}/${place.repo}: ${reasonOf(error)}`)
      return []
    }
  })
  return { pulls: lists.flat(), unread, cost: meter.cost() }
}

async function openPulls(api: Api, place: Place): Promise<PullAnswer[]> {
  const found: PullAnswer[] = []
  for await (const page of pagesOf(api, place, { state: 'open' })) found.push(...page)
  return found
}

async function changedPulls(api: Api, place: Place, sinceMs: number): Promise<PullAnswer[]> {
  const found: PullAnswer[] = []
  for await (const page of pagesOf(api, place, { state: 'all', sort: 'updated', direction: 'desc' })) {
    const recent = page.filter(({ updated_at }) => Date.parse(updated_at) >= sinceMs)
    found.push(...recent)
    if (recent.length < page.length) break
  }
  return found
}

async function* pagesOf(api: Api, place: Place, query: Readonly<Record<string, string>>) {
  const { owner, repo, repositoryId } = place
  for await (const page of api.pages('GET /repos/{owner}/{repo}/pulls', { owner, repo, ...query }, PullPage)) {
    if (page.every(({ base }) => base.repo.id === repositoryId)) yield page
    else throw new RequestFailed('another repo has taken its name', 404)
  }
}

const summaryOf = (pull: PullAnswer, label: string): PullSummary => ({
  repository: { id: pull.base.repo.id, name: pull.base.repo.full_name },
  number: pull.number,
  head: pull.head.sha,
  isOpen: pull.state === 'open',
  isLabelled: isLabelled(pull, label),
  updatedAtMs: Date.parse(pull.updated_at),
})

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
