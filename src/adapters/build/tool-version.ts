import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool, ToolCapped, ToolFailed, ToolMissing } from '../child-process.ts'

const ANSWER_TIMEOUT_MS = 10_000

/**
 * Asks a tool something short, in an empty home below `workDir`.
 * @returns its answer, null where it is missing, says no or does not answer
 */
export async function answerOf(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  workDir: string,
): Promise<string | null> {
  const home = await mkdtemp(join(workDir, 'westage-ask-'))
  const signal = new AbortController().signal
  try {
    const given = { ...env, HOME: home, TMPDIR: home, XDG_RUNTIME_DIR: home }
    const { stdout } = await runTool({ command, args, cwd: home, env: given, timeoutMs: ANSWER_TIMEOUT_MS, signal })
    return stdout.trim()
  } catch (error) {
    if (error instanceof ToolMissing || error instanceof ToolFailed || error instanceof ToolCapped) return null
    throw error
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** `28.2` of `28.2.2`: as much of a version as people need in a log. */
export const shortVersionOf = (text: string): string => /[0-9]+\.[0-9]+/.exec(text)?.[0] ?? ''
