import { z } from 'zod'
import type { PreviewKey } from '../../domain/key.ts'
import type { Ended, Pull } from '../../domain/pull.ts'
import type { Client } from './client.ts'
import { type Installations, type Place, RepositoryGone } from './installations.ts'
import { RequestFailed } from './request-faults.ts'

/** GitHub: REST, "Get a pull request" and "List pull requests": what both say. */
export const PullSchema = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  merged_at: z.string().nullable(),
  updated_at: z.iso.datetime({ offset: true }),
  user: z.object({ login: z.string() }).nullable(),
  labels: z.array(z.object({ name: z.string() })),
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ id: z.number() }).nullable() }),
  base: z.object({ repo: z.object({ id: z.number(), full_name: z.string() }) }),
})
export type PullAnswer = z.output<typeof PullSchema>

/** GitHub shows a deleted account as this one. */
const GHOST = 'ghost'
const RepositorySchema = z.object({ id: z.number(), full_name: z.string() })

/** The pull request as it is now; `ended: 'gone'` as the port says. */
export async function readPull(
  client: Client,
  repos: Installations,
  label: string,
  key: PreviewKey,
  signal: AbortSignal,
): Promise<Pull> {
  try {
    return await repos.within(key.repositoryId, signal, async (place) => {
      const answer = await getPull(client, place, key.pull, signal)
      return answer === null ? gone(key, nameOf(place)) : pullOf(answer, label)
    })
  } catch (error) {
    if (error instanceof RepositoryGone) return gone(key, '')
    throw error
  }
}

/**
 * @returns null where the repo is there and has no such pull request
 * @throws {RequestFailed} 404 where another repo answers to this name, or none
 */
export async function getPull(
  client: Client,
  place: Place,
  number: number,
  signal: AbortSignal,
): Promise<PullAnswer | null> {
  const { owner, repo, repositoryId } = place
  const api = client.as(place.installationId, signal)
  try {
    const parameters = { owner, repo, pull_number: number }
    const answer = await api.get('GET /repos/{owner}/{repo}/pulls/{pull_number}', parameters, PullSchema)
    if (answer.base.repo.id === repositoryId) return answer
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.status !== 404) throw error
    const { id } = await api.get('GET /repos/{owner}/{repo}', { owner, repo }, RepositorySchema)
    if (id === repositoryId) return null
  }
  throw new RequestFailed(`${owner}/${repo} is another repo than ${repositoryId} now`, 404)
}

export const isLabelled = ({ labels }: PullAnswer, label: string): boolean =>
  // GitHub: label names differ in more than case.
  labels.some(({ name }) => name.toLowerCase() === label.toLowerCase())

const nameOf = ({ owner, repo }: Place): string => `${owner}/${repo}`

const pullOf = (answer: PullAnswer, label: string): Pull => ({
  repository: { id: answer.base.repo.id, name: answer.base.repo.full_name },
  number: answer.number,
  url: answer.html_url,
  branch: answer.head.ref,
  author: answer.user?.login ?? GHOST,
  head: answer.head.sha,
  isFork: answer.head.repo?.id !== answer.base.repo.id,
  ended: endedOf(answer, label),
})

function endedOf(answer: PullAnswer, label: string): Ended | null {
  if (answer.state === 'closed') return answer.merged_at === null ? 'closed' : 'merged'
  return isLabelled(answer, label) ? null : 'unlabelled'
}

const gone = ({ repositoryId, pull }: PreviewKey, name: string): Pull => ({
  repository: { id: repositoryId, name },
  number: pull,
  url: '',
  branch: '',
  author: '',
  head: '',
  isFork: false,
  ended: 'gone',
})
