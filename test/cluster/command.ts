import { runTool } from '../../src/adapters/child-process.ts'

const TIMEOUT_MS = 120_000

/** Runs a tool of this machine. @returns what it printed @throws {ToolFailed} {ToolMissing} */
export async function command(name: string, ...args: readonly string[]): Promise<string> {
  const env = { PATH: PATH_OF_ROOT }
  const run = { command: name, args, cwd: '/', env, timeoutMs: TIMEOUT_MS, signal: new AbortController().signal }
  return (await runTool(run)).stdout
}

/** A user's PATH may lack what only root runs. */
export const PATH_OF_ROOT = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`
