/** A bare repo of git's own, to make objects and packs in and to read them back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ObjectType } from '../../src/twig/git-object.ts'
import { git, gitBytes } from '../servers/git-cli.ts'

export interface GitObjects {
  readonly dir: string
  run(args: readonly string[], input?: string | Buffer): Promise<string>
  bytes(args: readonly string[], input?: string | Buffer): Promise<Buffer>
  put(type: ObjectType, content: Buffer): Promise<string>
  content(id: string): Promise<Buffer>
}

/** Makes it, for one test. */
export async function gitObjects(): Promise<GitObjects> {
  const dir = await mkdtemp(join(tmpdir(), 'git-objects-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await git(['init', '--quiet', '--bare', '--initial-branch=main', '.'], { cwd: dir })
  const given = (input: string | Buffer | undefined) => ({ cwd: dir, ...(input === undefined ? {} : { input }) })
  const run = (args: readonly string[], input?: string | Buffer) => git(args, given(input))
  const bytes = (args: readonly string[], input?: string | Buffer) => gitBytes(args, given(input))
  return {
    dir,
    run,
    bytes,
    put: (type, content) => run(['hash-object', '-w', '-t', type, '--literally', '--stdin'], content),
    content: async (id) => await bytes(['cat-file', (await run(['cat-file', '-t', id])).trim(), id]),
  }
}
