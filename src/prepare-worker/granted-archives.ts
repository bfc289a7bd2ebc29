/** The tokens by which one worker fetches its archive by itself: made for that work alone, and revoked once they served. */
import type { Writable } from 'node:stream'
import type { ArchiveGrant, ArchiveGrants } from '../ports.ts'
import type { PrepareRequest } from '../reconcile/prepare.ts'
import { send } from './send.ts'

export interface GrantedArchives {
  /** Tells the worker a token that opens this one repo for reading. */
  give(input: Writable, signal: AbortSignal): Promise<void>
  /** Has all tokens revoked that were told so far; nobody waits for it. */
  revoke(): void
}

/** Those who work wait for no answer to it, and a service that ends not for long. */
const REVOKE_MS = 10_000

/**
 * @param revoking gets what is under way
 * @param failed hears of a token that could not be revoked: it is good for its hour
 */
export function grantedArchives(
  archives: ArchiveGrants,
  { target: { repository, sha } }: PrepareRequest,
  revoking: Set<Promise<void>>,
  failed: (error: unknown) => void,
): GrantedArchives {
  const told: ArchiveGrant[] = []
  return {
    async give(input, signal) {
      const grant = await archives.grant(repository.id, sha, signal)
      told.push(grant)
      await send(input, { kind: 'archive from', grant })
    },
    revoke() {
      for (const grant of told.splice(0)) {
        const done = archives
          .revoke(grant, AbortSignal.timeout(REVOKE_MS))
          .catch(failed)
          .finally(() => revoking.delete(done))
        revoking.add(done)
      }
    },
  }
}
