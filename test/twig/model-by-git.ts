/** Brings a model into a repo, and a repo into a model, by the git command line alone: whatever a path is made of. */
import { git, gitBytes } from '../servers/git-cli.ts'
import type { GitPerson } from '../servers/git-person.ts'
import { differingPaths, type Model, type ModelFile } from './repo-model.ts'

/** Commits what differs, on top of what others pushed, and pushes it to main. */
export async function commitWithGit({ dir, git }: GitPerson, before: Model, after: Model): Promise<void> {
  await git('fetch', '--quiet', 'origin')
  // git documentation, git-fast-import.
  const lines = ['commit refs/heads/next', 'committer Operator <operator@example.com> now', 'data 4', 'Work']
  lines.push('from refs/remotes/origin/main^0')
  const differing = differingPaths(before, after)
  for (const path of differing) if (!after.has(path)) lines.push(`D ${quoted(path)}`)
  for (const path of differing) {
    const file = after.get(path)
    if (file?.mode === '160000') lines.push(`M ${file.mode} ${file.content} ${quoted(path)}`)
    else if (file !== undefined) {
      lines.push(`M ${file.mode} inline ${quoted(path)}`, `data ${file.content.length}`, file.content)
    }
  }
  const input = Buffer.from([...lines, 'done\n'].join('\n'), 'latin1')
  await gitBytes(['fast-import', '--quiet', '--done', '--date-format=now'], { cwd: dir, input })
  await git('push', '--quiet', 'origin', 'next:main')
}

/** git documentation, git-fast-import: paths in the manner of C. */
const quoted = (path: string): string =>
  `"${path.replace(/[^ !#-[\]-~]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`

/** Every file that a clone has at its HEAD, and every folder, also one in which there is nothing. */
export async function headOf(dir: string): Promise<{ readonly files: Model; readonly folders: readonly string[] }> {
  const args = ['ls-tree', '-r', '-t', '-z', '--full-tree', 'HEAD']
  const listed = (await gitBytes(args, { cwd: dir })).toString('latin1')
  const entries = [...listed.matchAll(/(\d{6}) (\w+) (\w{40})\t([^\0]*)\0/g)]
  const input = entries.map(([, , type, id]) => (type === 'blob' ? `${id}\n` : '')).join('')
  let rest = (await gitBytes(['cat-file', '--batch'], { cwd: dir, input })).toString('latin1')
  const nextBlob = (): string => {
    const [head = '', size = ''] = /^\w{40} blob (\d+)\n/.exec(rest) ?? []
    const content = rest.slice(head.length, head.length + Number(size))
    rest = rest.slice(head.length + content.length + 1)
    return content
  }
  const files = new Map<string, ModelFile>()
  const folders: string[] = []
  for (const [, mode = '', type, id = '', path = ''] of entries) {
    if (type === 'tree') folders.push(path)
    else files.set(path, { mode, content: type === 'blob' ? nextBlob() : id })
  }
  return { files, folders }
}

/** The trees at places, `<revision>:<folder>`, null where there is none. */
export async function treesAt(dir: string, places: readonly string[]): Promise<(string | null)[]> {
  if (places.length === 0) return []
  const input = Buffer.from(places.map((place) => `${place}\n`).join(''), 'latin1')
  const answers = (await git(['cat-file', '--batch-check'], { cwd: dir, input })).split('\n')
  return answers.map((answer) => /^(\w{40}) tree \d+$/.exec(answer)?.[1] ?? null)
}

/** Commit -> the paths of files that it touched, from HEAD to the first. Throws where the history is not one line. */
export async function touchedByEach(dir: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = (await git(['rev-list', '--parents', 'HEAD'], { cwd: dir })).split('\n').map((line) => line.split(' '))
  const [merge] = lines.filter(({ length }) => length > 2)
  if (merge !== undefined) throw new Error(`${merge[0]} is a merge`)
  const commits = new Map<string, string[]>(lines.map(([commit = '']) => [commit, []]))
  const args = ['diff-tree', '--stdin', '--root', '-r', '-z', '--name-only']
  const input = [...commits.keys()].map((commit) => `${commit}\n`).join('')
  let of: string[] | undefined
  for (const part of (await gitBytes(args, { cwd: dir, input })).toString('latin1').split('\0')) {
    if (commits.has(part)) of = commits.get(part)
    else if (part !== '') of?.push(part)
  }
  return commits
}
