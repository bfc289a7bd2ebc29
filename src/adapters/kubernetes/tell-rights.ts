/** Tells operators what WeStage lacks in its clusters, until all is granted. Nothing stops for it. */
import type { ClusterRole } from '../../domain/right.ts'
import type { Clock } from '../../ports.ts'
import { type Standing, standingOf } from './lacking-rights.ts'

export interface TellRightsOptions {
  readonly roles: readonly ClusterRole[]
  readonly clock: Clock
  readonly log: (level: 'info' | 'warn' | 'error', line: string) => void
  readonly signal: AbortSignal
}

/** Who mends something looks whether that was it. */
const ASK_AGAIN_MS = 60_000

/** Asks each cluster now, and again once a minute until it grants all; tells what is new. */
export function tellRights({ roles, clock, log, signal }: TellRightsOptions): void {
  for (const role of roles) void follow(role, '')

  async function follow(role: ClusterRole, told: string): Promise<void> {
    const standing = await standingOf(role, signal).catch((error: unknown): Standing => {
      return { kind: 'away', why: error instanceof Error ? error.message : String(error) }
    })
    if (signal.aborted) return
    const words = wordsOf(role, standing)
    if (words !== told) tell(role, standing, told)
    if (standing.kind === 'granted') return
    const cancel = clock.after(ASK_AGAIN_MS, () => {
      signal.removeEventListener('abort', cancel)
      void follow(role, words)
    })
    signal.addEventListener('abort', cancel, { once: true })
  }

  function tell(role: ClusterRole, standing: Standing, told: string): void {
    if (standing.kind === 'lacking') for (const line of standing.lines) log('error', line)
    else if (standing.kind === 'away') log('warn', `${role.name}: rights can't be asked for yet: ${standing.why}`)
    else if (told !== '') log('info', `${role.name}: all rights that it needs are granted now`)
  }
}

const wordsOf = (role: ClusterRole, standing: Standing): string =>
  [role.name, standing.kind, ...(standing.kind === 'lacking' ? standing.lines : [])].join('\n')
