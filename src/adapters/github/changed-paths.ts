import { z } from 'zod'
import type { Pull } from '../../domain/pull.ts'
import type { Client } from './client.ts'
import type { Installations } from './installations.ts'
import { sharedFlights } from './shared-flight.ts'

const FilePage = z.array(z.object({ filename: z.string(), previous_filename: z.string().optional() }))

/** GitHub: REST, "List pull requests files": responses include a maximum of 3000 files. */
const LISTED_MAX = 3000

/**
 * What a pull request changes against where it began, as the port says. Those who ask for one pull request at the same
 * time share the requests.
 */
export function changedPaths(
  client: Client,
  repos: Installations,
): (pull: Pull, signal: AbortSignal) => Promise<readonly string[] | null> {
  const shared = sharedFlights<readonly string[] | null>()

  async function ask({ repository, number }: Pull, signal: AbortSignal): Promise<readonly string[] | null> {
    return repos.within(repository.id, signal, async ({ owner, repo, installationId }) => {
      const api = client.as(installationId, signal)
      const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files'
      const paths: string[] = []
      let listed = 0
      for await (const page of api.pages(route, { owner, repo, pull_number: number }, FilePage)) {
        listed += page.length
        // What is moved away from an app changes it as well.
        for (const { filename, previous_filename } of page) {
          paths.push(filename)
          if (previous_filename !== undefined) paths.push(previous_filename)
        }
        if (listed >= LISTED_MAX) return null
      }
      return paths
    })
  }

  return (pull, signal) => shared(`${pull.repository.id}/${pull.number}`, (stop) => ask(pull, stop), signal)
}
