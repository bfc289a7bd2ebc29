/** The GitOps repo's history, as the git command line tells it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../servers/git-cli.ts'

export interface HistoryEntry {
  readonly sha: string
  readonly subject: string
  readonly author: string
  readonly atMs: number
  /** `WeStage-Preview: 41/7/shop` as pairs. */
  readonly trailers: readonly (readonly [name: string, value: string])[]
  /** `git show --stat`, without the head. */
  readonly stat: string
}

const FIELD = '\u001f'
const ENTRY = '\u001e'
const FORMAT = `${ENTRY}%H${FIELD}%s${FIELD}%an${FIELD}%ct${FIELD}%(trailers:only,unfold)${FIELD}`

/** The newest commits of a bare repo's `main`, newest first; asks git only when the branch has moved. */
export function historyOf(dir: string, limit: number): () => Promise<readonly HistoryEntry[]> {
  let known: { readonly tip: string; readonly entries: readonly HistoryEntry[] } = { tip: '', entries: [] }
  return async () => {
    const tip = await tipOf(dir)
    if (tip === known.tip) return known.entries
    const text = await git(['log', `--format=${FORMAT}`, '--stat=100,80', `-${limit}`, tip], { cwd: dir })
    known = { tip, entries: text.split(ENTRY).filter(Boolean).map(entryIn) }
    return known.entries
  }
}

/** git show with statistics and the changes. @throws where there is no such commit */
export const showCommit = (dir: string, sha: string): Promise<string> =>
  git(['show', '--stat=100,80', '--patch', '--no-color', '--end-of-options', sha], { cwd: dir })

/** A branch that was pushed to is a file (git documentation, gitrepository-layout); any other is asked for. */
async function tipOf(dir: string): Promise<string> {
  try {
    return (await readFile(join(dir, 'refs', 'heads', 'main'), 'utf8')).trim()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return await git(['rev-parse', 'refs/heads/main'], { cwd: dir })
  }
}

function entryIn(text: string): HistoryEntry {
  const [sha = '', subject = '', author = '', seconds = '', trailers = '', stat = ''] = text.split(FIELD)
  return {
    sha,
    subject,
    author,
    atMs: Number(seconds) * 1000,
    trailers: trailers
      .split('\n')
      .filter((line) => line.includes(': '))
      .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const),
    stat: stat.replace(/^\n+|\s+$/g, ''),
  }
}
