/** Branches opened on a server of the tests, and changes of small folders in them. */
import { type Branch, type BranchOptions, openBranch } from '../../src/twig/branch.ts'
import type { FolderChange } from '../../src/twig/drafted-changes.ts'
import { filesAt, fsck, git, logOf } from '../servers/git-cli.ts'
import { afterTest, never } from '../servers/git-world.ts'

export { afterTest, never } from '../servers/git-world.ts'

/** Opens the branch `main`; it is closed after the test. */
export function open(url: string, options: Partial<BranchOptions> = {}): Branch {
  const branch = openBranch({
    url,
    branch: 'main',
    author: { name: 'Twig', email: 'twig@example.com' },
    credentials: null,
    log: () => {},
    pushes: { perMinute: 60_000, burst: 1000 },
    ...options,
  })
  afterTest(() => branch.close())
  return branch
}

export const pathOf = (name: string): readonly string[] => ['folders', 'all', name]

/** A change that puts a text into a folder's two files, or (null) removes the folder. */
export const changeOf = (name: string, text: string | null, onto: string | null = null): FolderChange => ({
  path: pathOf(name),
  files:
    text === null
      ? null
      : new Map([
          ['a.txt', text],
          ['below/b.txt', `${text} below`],
        ]),
  onto,
  message: `${name}: ${text ?? 'removed'}\n`,
})

/** What `changeOf` makes of a folder, as `textsAt` reads it. */
export const textsOf = (name: string, text: string): readonly (readonly [string, string])[] => [
  [`${pathOf(name).join('/')}/a.txt`, text],
  [`${pathOf(name).join('/')}/below/b.txt`, `${text} below`],
]

/** All files below folders/ in a repo of the disk, path -> text, in order. */
export async function textsAt(dir: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const path of [...(await filesAt(dir, 'main', 'folders')).keys()].sort()) {
    texts.set(path, await git(['show', `main:${path}`], { cwd: dir }))
  }
  return texts
}

/** The subjects of all commits, the oldest first, after `git fsck`. Throws where the history is not one line. */
export async function checkedHistory(dir: string): Promise<readonly string[]> {
  await fsck(dir)
  const log = await logOf(dir)
  if (log.some(({ parents }) => parents.length > 1)) throw new Error('there is a merge')
  return log.map(({ message }) => message.split('\n')[0] ?? '').reverse()
}

/** A folder's tree at the tip, null where it is not there. */
export const treeOf = async (branch: Branch, name: string): Promise<string | null> =>
  await branch.treeAt((await branch.fresh(never)).tree, pathOf(name), never)

/** What the repo of most tests begins with. */
export const FEW_FILES = { 'README.md': '# Folders\n', 'folders/all/theirs/x.txt': 'theirs' }
