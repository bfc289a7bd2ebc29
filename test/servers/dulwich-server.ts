/** A git server that is not git's own: dulwich's, written in Python, which speaks protocol version 0 alone. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { makeRepository, type RepositoryOptions } from './git-repository.ts'

/** A Python that has dulwich: CI makes one, elsewhere it may be absent. A variable that is empty counts as not set. */
const PYTHON = process.env.DULWICH_PYTHON || 'python3'

export interface DulwichServer {
  /** The clone address of a repo. */
  url(name: string): string
  /** The bare repo's folder. */
  dir(name: string): string
  close(): Promise<void>
}

/** @returns why there is none on this machine, null where there is */
export function dulwichIsMissing(): string | null {
  try {
    execFileSync(PYTHON, ['-c', 'import dulwich.web'], { stdio: 'pipe' })
    return null
  } catch (error) {
    return `no dulwich for ${PYTHON} (pip install dulwich, and set DULWICH_PYTHON): ${error instanceof Error ? error.message : error}`
  }
}

/** Starts it on a free port of 127.0.0.1. @throws {Error} there is no dulwich: says where it was looked for */
export async function startDulwichServer(
  repositories: Readonly<Record<string, RepositoryOptions>>,
): Promise<DulwichServer> {
  const missing = dulwichIsMissing()
  if (missing !== null) throw new Error(missing)
  const root = await mkdtemp(join(tmpdir(), 'dulwich-server-'))
  for (const [name, options] of Object.entries(repositories)) await makeRepository(join(root, `${name}.git`), options)
  const script = fileURLToPath(new URL('dulwich-server.py', import.meta.url))
  const child = spawn(PYTHON, [script, root], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  const port = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => Number(line)),
    ended.then(([code]) => Promise.reject(new Error(`dulwich's server ended with ${code}`))),
  ])
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}.git`,
    dir: (name) => join(root, `${name}.git`),
    async close() {
      child.stdin.end()
      await ended
      await rm(root, { recursive: true, force: true })
    },
  }
}
