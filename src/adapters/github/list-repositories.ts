import type { Installations } from './installations.ts'
import { unmetered } from './meter.ts'

export interface RepositoryList {
  /** `owner/name` of every repo in which the App is installed. */
  readonly names: readonly string[]
  /** The installations that could not be read, with why: their repos are not among the names. */
  readonly unread: readonly string[]
}

/** @throws where the list of installations can't be read */
export async function listRepositories(repos: Installations, signal: AbortSignal): Promise<RepositoryList> {
  const { places, faults } = await repos.survey(signal, unmetered)
  return {
    names: places.map(({ owner, repo }) => `${owner}/${repo}`),
    unread: faults.map(({ installation, error }) => `${installation}: ${reasonOf(error)}`),
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
