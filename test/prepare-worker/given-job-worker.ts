/** Prepare in Jobs, over the service's real port for workers; where the repo's archive is, an HTTP server says. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { fetchArchive } from '../../src/adapters/archive/fetch-archive.ts'
import { tarUnpacker } from '../../src/adapters/archive/unpack.ts'
import type { Jobs } from '../../src/adapters/kubernetes-jobs/jobs.ts'
import type { ArchiveGrant } from '../../src/ports.ts'
import { type ConversationsOptions, conversations } from '../../src/prepare-worker/conversations.ts'
import { jobWorker } from '../../src/prepare-worker/job-worker.ts'
import type { JobLimits } from '../../src/prepare-worker/worker-job.ts'
import { workerPod } from '../../src/prepare-worker/worker-pod.ts'
import { listen } from '../../src/web/listen.ts'
import { work } from '../../src/web/work.ts'
import { type Given, givenOf, givenParts, type Parts } from './given-worker.ts'

export const GRANTED_TOKEN = 'ghs_readsThisOneRepo'

export interface GivenJobs extends Given {
  /** Where workers are heard. */
  readonly url: string
  /** The tokens that archives were asked for with. */
  readonly tokens: readonly string[]
  /** How many of them were revoked. */
  revoked(): number
  /** What could not be. */
  readonly failures: readonly unknown[]
}

export async function givenJobWorker(
  jobs: Pick<Jobs, 'run'>,
  changes: {
    readonly limits?: Partial<JobLimits>
    readonly maxSaidBytes?: number
    readonly conversations?: ConversationsOptions
    readonly path?: string
    /** Where workers reach this machine. */
    readonly host?: string
    readonly image?: string
    /** What comes of a token's revocation. */
    readonly revokes?: () => Promise<void>
  } = {},
): Promise<GivenJobs> {
  const parts = await givenParts(changes.path)
  const { host = '127.0.0.1', image = 'westage' } = changes
  const failures: unknown[] = []
  const archives = await archiveServer(parts, host, changes.revokes ?? (async () => {}))
  const talks = conversations(changes.conversations)
  const heard = await listen(work(talks).fetch, { host, port: 0, requestMaxMs: 600_000 })
  const url = `http://${host}:${heard.port}`
  const limits = { maxMemoryMb: 1024, timeoutMs: 60_000, startMs: 60_000, lifeMs: 600_000, ...changes.limits }
  const pod = { image, pullSecrets: [], cpu: '1', maxDiskMb: 1024, nodeSelector: {}, tolerations: [] }
  // Both ways have the archive from one place, so that they fail alike.
  const inside = { ...parts.inside, archives }
  const worker = jobWorker({
    ...inside,
    ...{ jobs, limits, conversations: talks, unpacker: tarUnpacker(inside.tools.archive) },
    podOf: (secret) => workerPod({ ...pod, server: url, maxMemoryMb: limits.maxMemoryMb }, secret),
    maxSaidBytes: changes.maxSaidBytes ?? 64_000_000,
    failed: (error) => failures.push(error),
  })
  const given = givenOf(worker, { ...parts, inside })
  return {
    ...given,
    url,
    tokens: archives.tokens,
    revoked: archives.revoked,
    failures,
    async close() {
      await given.close()
      const closed = heard.close()
      heard.cut()
      await closed
      archives.close()
    },
  }
}

/** As GitHub: a redirect for who has the token, to where the bytes are for everybody. */
async function archiveServer({ repo }: Parts, host: string, revokes: () => Promise<void>) {
  const tokens: string[] = []
  let revoked = 0
  const server = createServer(async (request, response) => {
    if (request.url === '/archive') {
      tokens.push(request.headers.authorization ?? '')
      response.writeHead(302, { location: '/bytes' }).end()
      return
    }
    try {
      const bytes = repo.current.tarball()
      response.writeHead(200)
      await pipeline(bytes, response).catch(() => response.destroy())
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const grantOf = (sha: string): ArchiveGrant => ({
    ...{ sha, url: `http://${host}:${port}/archive`, token: GRANTED_TOKEN, userAgent: 'test' },
  })
  return {
    tokens,
    grant: async (_: number, sha: string) => grantOf(sha),
    async revoke() {
      revoked += 1
      await revokes()
    },
    revoked: () => revoked,
    tarball: (_: number, sha: string, signal: AbortSignal) => fetchArchive(grantOf(sha), signal),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
