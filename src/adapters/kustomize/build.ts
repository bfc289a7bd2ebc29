import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import type { Log } from '../../ports.ts'
import { runTool, ToolCapped, ToolFailed, ToolOutOfMemory, ToolOutputTooLarge } from '../child-process.ts'
import { toolMessageOf } from './tool-message.ts'

/** The tool, and how it is told to build a folder. */
export interface KustomizeTool {
  readonly command: string
  /** `build` of kustomize, `kustomize` of kubectl. */
  readonly verb: 'build' | 'kustomize'
  /** Where it gets a home for each run; the system's temporary folder where it is not given. */
  readonly workDir?: string
}

export interface BuildCaps {
  readonly timeoutMs: number
  readonly maxMemoryMb: number
  readonly maxOutputBytes: number
}

/**
 * Runs `kustomize build` on one folder, with its own load restrictions as they are by default, without plugins, helm,
 * or anything of our environment.
 * @returns its standard output
 * @throws {Terminal} (author) it failed, or passed a cap
 */
export async function buildFolder(
  tool: KustomizeTool,
  caps: BuildCaps,
  root: string,
  folder: string,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted()
  const home = await mkdtemp(join(tool.workDir ?? tmpdir(), 'westage-kustomize-'))
  try {
    const { stdout } = await runTool({
      command: tool.command,
      // "./": kustomize takes a bare github.com/a/b for something to clone.
      args: [tool.verb, `./${folder}`],
      cwd: root,
      env: environmentOf(home, caps),
      ...caps,
      onLine: (line, stream) => {
        if (stream === 'stderr' && line.startsWith('# Warning')) log(line)
      },
      signal,
    })
    return stdout
  } catch (error) {
    if (error instanceof ToolCapped) throw new Terminal(capped(error, folder, caps), { cause: error })
    if (!(error instanceof ToolFailed) || error.code === null) throw error
    if (/^(fatal error|runtime): .*(out of memory|cannot allocate memory)/m.test(error.stderr)) {
      throw new Terminal(outOfMemory(folder, caps), { cause: error })
    }
    const hidden = [await realpath(root), root, await realpath(home), home]
    const { sentence, details } = toolMessageOf(error.stderr, folder, hidden)
    throw new Terminal(sentence, { details, cause: error })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/**
 * A home that is empty, no PATH (so no git, no helm), and, should something remote ever pass the scan, a proxy that
 * nobody serves. Go: runtime, "Environment Variables", GOGC and GOMEMLIMIT; net/http, ProxyFromEnvironment. Collecting
 * garbage less often spares a fifth of kustomize's CPU time, at half as much memory again, within its cap all the same.
 */
export function environmentOf(home: string, caps: BuildCaps): Record<string, string> {
  const nowhere = 'http://127.0.0.1:1'
  return {
    HOME: home,
    PATH: home,
    TMPDIR: home,
    XDG_CONFIG_HOME: home,
    GOGC: '400',
    GOMEMLIMIT: `${Math.floor(caps.maxMemoryMb * 0.8)}MiB`,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    ALL_PROXY: nowhere,
  }
}

function capped(error: ToolCapped, folder: string, caps: BuildCaps): string {
  if (error instanceof ToolOutOfMemory) return outOfMemory(folder, caps)
  return error instanceof ToolOutputTooLarge
    ? `${folder}: kustomize made more than ${Math.round(caps.maxOutputBytes / 1_000_000)} MB of manifests, and was stopped`
    : `${folder}: kustomize took longer than ${caps.timeoutMs / 1000} s, and was stopped`
}

const outOfMemory = (folder: string, caps: BuildCaps): string =>
  `${folder}: kustomize needed more than ${caps.maxMemoryMb} MB of memory, and was stopped`
