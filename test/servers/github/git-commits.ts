/** Commits made in a bare repo as GitHub makes them: signed by it, the App as author, GitHub as committer. */
import { randomUUID } from 'node:crypto'
import { git } from '../git-cli.ts'

interface NewCommit {
  readonly additions: readonly { readonly path: string; readonly content: Buffer }[]
  readonly deletions: readonly string[]
  readonly message: string
  readonly author: { readonly name: string; readonly email: string }
  readonly atMs: number
}

/** GitHub: "About commit signature verification": what it commits itself is by this person. */
const WEB_FLOW = 'GitHub <noreply@github.com>'

/** @returns null where the repo has no such branch */
export async function headIn(dir: string, branch: string): Promise<string | null> {
  const found = await git(['for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`], { cwd: dir })
  return found === '' ? null : found
}

/** The first of the paths that is no file at a commit. */
export async function missingIn(dir: string, commit: string, paths: readonly string[]): Promise<string | null> {
  if (paths.length === 0) return null
  const listed = await git(['ls-tree', '-r', '-z', '--name-only', commit], { cwd: dir })
  const files = new Set(listed.split('\0'))
  return paths.find((path) => !files.has(path)) ?? null
}

/** The first of the paths that is a folder of another one. */
export function clashOf(paths: readonly string[]): string | null {
  return paths.find((path) => paths.some((other) => other.startsWith(`${path}/`))) ?? null
}

/**
 * Puts a commit on top of `head`, and the branch to it if it is still there. Every file that is given is of mode 100644
 * then: that is what GitHub does with new ones, and of an executable that is there it promises nothing.
 */
export async function commitInGit(dir: string, branch: string, head: string, commit: NewCommit) {
  const scratch = `refs/scratch/${randomUUID()}`
  await git(['fast-import', '--quiet', '--done'], { cwd: dir, input: streamOf(scratch, head, commit) })
  const tree = await git(['rev-parse', `${scratch}^{tree}`], { cwd: dir })
  const seconds = Math.floor(commit.atMs / 1000)
  const { name, email } = commit.author
  const text = [
    `tree ${tree}`,
    `parent ${head}`,
    `author ${name} <${email}> ${seconds} +0000`,
    `committer ${WEB_FLOW} ${seconds} +0000`,
    'gpgsig -----BEGIN PGP SIGNATURE-----',
    ' ',
    ' iQDoubleOfGitHub',
    ' -----END PGP SIGNATURE-----',
    ' ',
    '',
    commit.message,
  ].join('\n')
  const oid = await git(['hash-object', '-t', 'commit', '-w', '--stdin'], { cwd: dir, input: text })
  const update = `start\nupdate refs/heads/${branch} ${oid} ${head}\ndelete ${scratch}\nprepare\ncommit\n`
  try {
    await git(['update-ref', '--stdin'], { cwd: dir, input: update })
  } catch (error) {
    await git(['update-ref', '-d', scratch], { cwd: dir })
    if ((await headIn(dir, branch)) === head) throw error
    return 'moved'
  }
  const date = new Date(seconds * 1000).toISOString()
  return {
    oid,
    message: commit.message,
    author: { name, email, date },
    committer: { name: 'GitHub', email: 'noreply@github.com', date },
    tree: { oid: tree },
    file: ({ path }: { path: string }) => entryAt(dir, oid, path),
  }
}

/** git documentation, git-fast-import. */
function streamOf(ref: string, head: string, { additions, deletions }: NewCommit): Buffer {
  const parts: Buffer[] = []
  const line = (text: string) => parts.push(Buffer.from(`${text}\n`))
  line(`commit ${ref}`)
  line('committer Scratch <scratch@localhost> 0 +0000')
  line('data 0')
  line(`from ${head}`)
  for (const path of deletions) line(`D ${quoted(path)}`)
  for (const { path, content } of additions) {
    line(`M 100644 inline ${quoted(path)}`)
    parts.push(Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n'))
  }
  line('done')
  return Buffer.concat(parts)
}

const quoted = (path: string) =>
  `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`

async function entryAt(dir: string, commit: string, path: string) {
  const found = await git(['ls-tree', '-z', commit, '--', path], { cwd: dir, env: { GIT_LITERAL_PATHSPECS: '1' } })
  const [mode, , oid] = found.split(/[ \t]/)
  return found === '' ? null : { mode: Number.parseInt(mode ?? '', 8), oid }
}
