import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './git-cli.ts'

/** A person who has a clone of a repo, and works in it with the git CLI. Commits are by `Operator`. */
export interface GitPerson {
  /** The clone. */
  readonly dir: string
  /** Runs git in the clone. @returns what it prints */
  git(...args: readonly string[]): Promise<string>
  /** Takes up what others pushed, and leaves nothing of one's own. */
  pull(): Promise<void>
  /** Writes a file of the clone, and adds it. */
  write(path: string, text: string): Promise<void>
  /** Commits what was added. */
  commit(message: string): Promise<void>
  /** Pushes to main. @returns the commit that is the tip then */
  push(...options: readonly string[]): Promise<string>
  close(): Promise<void>
}

/** @param url the clone address, with credentials where it needs them */
export async function cloneAsPerson(url: string): Promise<GitPerson> {
  const folder = await mkdtemp(join(tmpdir(), 'person-'))
  await git(['clone', '--quiet', url, 'clone'], { cwd: folder })
  const clone = join(folder, 'clone')
  const inClone = (...args: readonly string[]) => git(args, { cwd: clone })
  return {
    dir: clone,
    git: inClone,
    async pull() {
      await inClone('fetch', '--quiet', 'origin')
      await inClone('checkout', '--quiet', '-B', 'main', 'origin/main')
    },
    async write(path, text) {
      await writeFile(join(clone, path), text)
      await inClone('add', path)
    },
    async commit(message) {
      await inClone('commit', '--quiet', '--message', message)
    },
    async push(...options) {
      await inClone('push', '--quiet', ...options, 'origin', 'HEAD:main')
      return await inClone('rev-parse', 'HEAD')
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
