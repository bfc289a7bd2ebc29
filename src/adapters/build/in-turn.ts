import { unlessAborted } from '../../twig/abort-signals.ts'

const busy = new Map<string, Promise<unknown>>()

/**
 * Runs `work` when no other work of this process is under way under the same name.
 * @param waiting called where it has to wait
 * @throws the signal's reason, at once where it is still waiting
 */
export async function inTurn<Result>(
  name: string,
  work: () => Promise<Result>,
  signal: AbortSignal,
  waiting: () => void = nothing,
): Promise<Result> {
  if (busy.has(name)) waiting()
  for (let other = busy.get(name); other !== undefined; other = busy.get(name)) {
    const ended = other.then(nothing, nothing)
    await unlessAborted(ended, signal)
  }
  const own = work().finally(() => busy.delete(name))
  busy.set(name, own)
  return await own
}

const nothing = () => {}
