/** A folder of LevelDB is one process's: another's is waited for. */
import { setTimeout as delay } from 'node:timers/promises'
import { Terminal } from '../../domain/errors.ts'
import { messageOf } from '../message-of.ts'
import type { LevelDb } from './layout.ts'

/** How often it is looked whether the other process has ended. */
const LOCKED_EVERY_MS = 200

/**
 * Opens it, once no other process has it.
 * @throws {Terminal} (operator) another still has it after `lockedMs`, or it is damaged
 */
export async function openUnlocked(db: LevelDb, lockedMs: number): Promise<void> {
  const untilMs = performance.now() + lockedMs
  for (;;) {
    try {
      return await db.open()
    } catch (error) {
      if (!isLocked(error) || performance.now() >= untilMs) {
        const why = messageOf(error instanceof Error ? (error.cause ?? error) : error)
        throw new Terminal(`wehook.dataDir: ${db.location} can't be opened: ${why}`, {
          whose: 'operator',
          cause: error,
        })
      }
    }
    await delay(LOCKED_EVERY_MS)
  }
}

/** classic-level: `open()` fails with LEVEL_DATABASE_NOT_OPEN, and why as the cause. */
const isLocked = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'LEVEL_LOCKED'
