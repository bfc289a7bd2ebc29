/** A state of the world did not come in time. */
export class Missed extends Error {
  override readonly name = 'Missed'
}

const LOOK_MS = 50

/**
 * Looks until a state is there.
 * @param fault why it is not there yet, null once it is
 * @throws {Missed} naming what was waited for, and why it was not there at the end
 */
export async function until(
  what: string,
  deadlineMs: number,
  fault: () => Promise<string | null> | string | null,
  signal: AbortSignal,
): Promise<void> {
  const lastMs = Date.now() + deadlineMs
  for (;;) {
    signal.throwIfAborted()
    const why = await fault()
    if (why === null) return
    if (Date.now() > lastMs) throw new Missed(`waited ${deadlineMs / 1000} s for ${what}: ${why}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
