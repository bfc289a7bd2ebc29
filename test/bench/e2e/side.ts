/** What both sides of the comparison are: previews of new pull requests, timed, and removed again. */
import { type RunningRegistry, startRegistry } from '../../servers/registry.ts'

/** One preview's way, in milliseconds. */
export interface Timed {
  /** From the moment that its round was labelled, or its script was started, until it was live. */
  readonly liveMs: number
  /** How much of it is WeStage's own; null of a script. */
  readonly ownMs: number | null
  readonly steps: Readonly<Record<string, number>>
}

export interface Side {
  /** Previews so many new pull requests, all at once, and removes them. */
  round(count: number): Promise<readonly Timed[]>
  close(): Promise<void>
}

/** @throws docker-registry is not on the PATH */
export async function registryOfImages(): Promise<RunningRegistry> {
  const registry = await startRegistry()
  if (registry === null) throw new Error('docker-registry is missing: images of previews have nowhere to go')
  return registry
}
