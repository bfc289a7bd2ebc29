/** What the demo needs of this machine, found before anything starts. */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findKustomize } from '../../src/adapters/kustomize/find-kustomize.ts'

const run = promisify(execFile)

/** Something that the person has to install or change; its message says what. */
export class Unusable extends Error {
  override readonly name = 'Unusable'
}

export interface ToolsHere {
  /** `git 2.39.5` */
  readonly git: string
  /** `kustomize v5.5.0`, `kubectl with kustomize v5.5.0` */
  readonly kustomize: string
}

/**
 * @param path the PATH that tools are looked up on
 * @throws {Unusable} git or its HTTP backend is missing
 * @throws {KustomizeMissing} neither kustomize nor kubectl is there
 */
export async function findTools(path: string, signal: AbortSignal): Promise<ToolsHere> {
  const limits = { timeoutMs: 30_000, maxMemoryMb: 1024, maxOutputBytes: 1_000_000 }
  const [git, { version }] = await Promise.all([
    findGit(path),
    findKustomize({ path, folders: ['k8s'], ...limits }, signal),
  ])
  return { git, kustomize: version }
}

async function findGit(path: string): Promise<string> {
  const ask = async (flag: string) => {
    try {
      return (await run('git', [flag], { env: { PATH: path } })).stdout.trim()
    } catch (cause) {
      throw new Unusable('The demo needs git, and none answers on the PATH. Install git 2.28 or newer.', { cause })
    }
  }
  const [version, programs] = [await ask('--version'), await ask('--exec-path')]
  try {
    await access(join(programs, 'git-http-backend'))
  } catch (cause) {
    throw new Unusable(`The demo needs git's http-backend, which is not in ${programs}. Install all of git.`, { cause })
  }
  return version.replace(/^git version /, 'git ')
}
