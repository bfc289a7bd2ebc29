/** A git server with a repo, and what a person does there with git. */
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { fsck, git, logOf } from './git-cli.ts'
import { type GitServer, type GitServerOptions, type RepositoryFiles, startGitServer } from './git-server.ts'

/** Closes it after the test. */
export const afterTest = (end: () => unknown): void =>
  onTestFinished(async () => {
    await end()
  })

export const never = new AbortController().signal
setMaxListeners(0, never)

export interface GitWorldOptions extends Omit<GitServerOptions, 'repositories'> {
  readonly files: RepositoryFiles | 'empty'
  /** The repo's name, `gitops` where it is not given. */
  readonly repository?: string
}

export interface GitWorld {
  readonly server: GitServer
  readonly url: string
  /** The bare repo's folder. */
  readonly dir: string
  /** Clones, runs git commands there as a person, and pushes. */
  person(...commands: readonly (readonly string[])[]): Promise<void>
  /** Throws where the repo is damaged, the history is not one line, or a clone differs from it. */
  check(): Promise<void>
}

/** Starts it; it is closed after the test. */
export async function gitWorld({ files, repository = 'gitops', ...rest }: GitWorldOptions): Promise<GitWorld> {
  const server = await startGitServer({ repositories: { [repository]: { files } }, ...rest })
  afterTest(() => server.close())
  const dir = server.dir(repository)
  const inClone = async (work: (clone: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'person-'))
    try {
      await git(['clone', '--quiet', dir, 'clone'], { cwd: folder })
      await work(join(folder, 'clone'))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return {
    server,
    url: server.url(repository),
    dir,
    person: (...commands) =>
      inClone(async (clone) => {
        for (const command of commands) await git(command, { cwd: clone })
        await git(['push', '--quiet', 'origin', 'HEAD'], { cwd: clone })
      }),
    async check() {
      await fsck(dir)
      const log = await logOf(dir)
      for (const { id, parents } of log) {
        if (parents.length > 1) throw new Error(`${id} is a merge`)
      }
      await inClone(async (clone) => {
        await fsck(clone)
        const status = await git(['status', '--porcelain'], { cwd: clone })
        if (status !== '') throw new Error(`a clone differs: ${status}`)
      })
    },
  }
}
