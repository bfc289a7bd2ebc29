import { z } from 'zod'
import type { Client } from './client.ts'
import { eachOf } from './each-of.ts'
import { type Meter, unmetered } from './meter.ts'
import { RequestFailed, Suspended } from './request-faults.ts'
import { sharedFlight } from './shared-flight.ts'

/** Where a repo is now, and which installation may see it. */
export interface Place {
  readonly repositoryId: number
  readonly owner: string
  readonly repo: string
  readonly installationId: number
  /** Archived or disabled: its pull requests can't change. */
  readonly isIdle: boolean
}

/** All repos of all installations, and which installations could not be read. */
interface Survey {
  readonly places: readonly Place[]
  readonly faults: readonly { readonly installation: string; readonly error: unknown }[]
}

/** Finds repos by their id, through renames and transfers. */
export interface Installations {
  /**
   * Gives `work` the repo's place as last known, and once more its place as read afresh where it turned out to have
   * moved (a redirect, 404).
   * @throws {RepositoryGone} every installation was read, and none sees the repo
   * @throws why an installation could not be read, where the repo might be in that one
   */
  within<T>(repositoryId: number, signal: AbortSignal, work: (place: Place) => Promise<T>): Promise<T>
  survey(signal: AbortSignal, meter: Meter): Promise<Survey>
}

/** No installation of this App sees the repo: it is deleted, or the App was taken off it. */
export class RepositoryGone extends Error {
  constructor(repositoryId: number) {
    super(`no installation of this GitHub App sees repository ${repositoryId}`)
    this.name = 'RepositoryGone'
  }
}

const InstallationPage = z.array(
  z.object({
    id: z.number(),
    account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullable(),
    suspended_at: z.string().nullable().optional(),
  }),
)
const RepositoryPage = z.object({
  total_count: z.number(),
  repositories: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      owner: z.object({ login: z.string() }),
      archived: z.boolean(),
      disabled: z.boolean(),
    }),
  ),
})

const CONCURRENCY = 4

export function installations(client: Client): Installations {
  const known = new Map<number, Place>()
  const surveyed = sharedFlight((signal) => survey(signal, unmetered))

  async function survey(signal: AbortSignal, meter: Meter): Promise<Survey> {
    const faults: { installation: string; error: unknown }[] = []
    const readable: { id: number; name: string }[] = []
    for await (const page of client.as('app', signal, meter).pages('GET /app/installations', {}, InstallationPage)) {
      for (const { id, account, suspended_at } of page) {
        const name = account?.login ?? account?.slug ?? String(id)
        if (suspended_at == null) readable.push({ id, name })
        else faults.push({ installation: name, error: suspension(name) })
      }
    }
    const found = await eachOf(readable, CONCURRENCY, async ({ id, name }) => {
      try {
        return await placesOf(id, signal, meter)
      } catch (error) {
        signal.throwIfAborted()
        faults.push({ installation: name, error: error instanceof Suspended ? suspension(name, error) : error })
        return []
      }
    })
    const places = found.flat()
    if (faults.length === 0) known.clear()
    for (const place of places) known.set(place.repositoryId, place)
    return { places, faults }
  }

  /** @throws where the list is shorter than GitHub says it is */
  async function placesOf(installationId: number, signal: AbortSignal, meter: Meter): Promise<Place[]> {
    const places = new Map<number, Place>()
    let total = 0
    const page = RepositoryPage.transform(({ total_count, repositories }) => {
      total = total_count
      return repositories
    })
    const api = client.as(installationId, signal, meter)
    for await (const repositories of api.pages('GET /installation/repositories', {}, page)) {
      for (const { id, name, owner, archived, disabled } of repositories) {
        const isIdle = archived || disabled
        places.set(id, { repositoryId: id, owner: owner.login, repo: name, installationId, isIdle })
      }
    }
    if (places.size >= total) return [...places.values()]
    throw new Error(`GitHub listed ${places.size} of the ${total} repos of installation ${installationId}`)
  }

  async function locateAfresh(repositoryId: number, signal: AbortSignal): Promise<Place> {
    const { places, faults } = await surveyed(signal)
    const place = places.find((each) => each.repositoryId === repositoryId)
    if (place !== undefined) return place
    if (faults[0] !== undefined) throw faults[0].error
    throw new RepositoryGone(repositoryId)
  }

  return {
    survey,
    async within(repositoryId, signal, work) {
      const place = known.get(repositoryId)
      if (place === undefined) return work(await locateAfresh(repositoryId, signal))
      try {
        return await work(place)
      } catch (error) {
        if (!isMisplaced(error)) throw error
        return work(await locateAfresh(repositoryId, signal))
      }
    },
  }
}

const suspension = (name: string, cause?: unknown): Suspended =>
  new Suspended(`The installation of the GitHub App at ${name} is suspended: unsuspend it there to go on.`, cause)

/** GitHub: REST, redirects: a renamed repo answers 301, or 307 to a write; one that is not visible any more 404. */
const isMisplaced = (error: unknown): boolean =>
  error instanceof RequestFailed && [301, 302, 307, 308, 404].includes(error.status)
