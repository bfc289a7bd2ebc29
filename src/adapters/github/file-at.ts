import { z } from 'zod'
import type { Pull } from '../../domain/pull.ts'
import { boundedMap } from './bounded-map.ts'
import type { Client } from './client.ts'
import type { Installations } from './installations.ts'
import { RequestFailed } from './request-faults.ts'
import { sharedFlights } from './shared-flight.ts'

/** GitHub: REST, "Get repository content": a folder is a list; of a file above 1 MB only the size is told. */
const ContentSchema = z.union([
  z.object({ type: z.literal('file'), encoding: z.literal('base64'), content: z.string() }),
  z.object({ type: z.string() }),
  z.array(z.unknown()),
])

const KEPT_MAX_CHARACTERS = 8_000_000
/** What an entry takes beside its text. */
const OVERHEAD_CHARACTERS = 200

/**
 * A file of a pull request's head, as the port says. What a commit has never changes, so that each head is asked for
 * once, by however many at the same time.
 */
export function fileAt(
  client: Client,
  repos: Installations,
): (pull: Pull, path: string, signal: AbortSignal) => Promise<string | null> {
  const known = boundedMap<{ readonly text: string | null }>(
    KEPT_MAX_CHARACTERS,
    ({ text }) => OVERHEAD_CHARACTERS + (text?.length ?? 0),
  )
  const shared = sharedFlights<string | null>()

  async function ask({ repository, head }: Pull, path: string, signal: AbortSignal): Promise<string | null> {
    return repos.within(repository.id, signal, async ({ owner, repo, installationId }) => {
      const route = 'GET /repos/{owner}/{repo}/contents/{path}'
      try {
        const api = client.as(installationId, signal)
        const answer = await api.get(route, { owner, repo, path, ref: head }, ContentSchema)
        return 'content' in answer ? Buffer.from(answer.content, 'base64').toString('utf8') : null
      } catch (error) {
        if (error instanceof RequestFailed && error.status === 404) return null
        throw error
      }
    })
  }

  return async (pull, path, signal) => {
    const name = `${pull.repository.id}@${pull.head}:${path}`
    // Known by now to those who asked while it was under way, whose flight is the next one.
    const look = async (stop: AbortSignal) => {
      const found = known.get(name) ?? { text: await ask(pull, path, stop) }
      known.set(name, found)
      return found.text
    }
    const before = known.get(name)
    return before === undefined ? shared(name, look, signal) : before.text
  }
}
