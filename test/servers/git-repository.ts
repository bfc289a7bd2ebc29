/** Bare repos to begin with. */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { git } from './git-cli.ts'

/** Path -> text or bytes; with `executable`, the file's mode is 100755. */
export type RepositoryFiles = Readonly<
  Record<string, string | Buffer | { readonly executable: true; readonly text: string }>
>

export interface RepositoryOptions {
  /** The first commit's files; 'empty' makes a repo without any commit. */
  readonly files: RepositoryFiles | 'empty'
  /** `main` where it is not given. */
  readonly branch?: string
  /** Further `git config` settings: `['receive.denyNonFastForwards', 'true']`. */
  readonly config?: readonly (readonly [string, string])[]
}

/** Every file below a folder, for `files`. */
export async function filesOf(folder: string): Promise<RepositoryFiles> {
  const files: Record<string, Buffer | { executable: true; text: string }> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const path = relative(folder, file).split(sep).join('/')
    const bytes = await readFile(file)
    const isExecutable = ((await stat(file)).mode & 0o100) !== 0
    files[path] = isExecutable ? { executable: true, text: bytes.toString('utf8') } : bytes
  }
  return files
}

/** What git hosts let clients do: filters are allowed at GitHub, GitLab and Gitea. */
const AS_HOSTS_DO: readonly (readonly [string, string])[] = [
  ['http.receivepack', 'true'],
  ['uploadpack.allowFilter', 'true'],
  ['gc.auto', '0'],
]

/** Makes a bare repo that takes pushes over HTTP, with one commit of `files`. */
export async function makeRepository(dir: string, { files, branch = 'main', config = [] }: RepositoryOptions) {
  await mkdir(dir, { recursive: true })
  await git(['init', '--quiet', '--bare', `--initial-branch=${branch}`, '.'], { cwd: dir })
  const settings = [...AS_HOSTS_DO, ...config]
  for (const [name, value] of settings) {
    await git(['config', name, value], { cwd: dir })
  }
  if (files === 'empty') return
  // git documentation, git-fast-import: one process however many files there are.
  const parts: Buffer[] = []
  const line = (text: string) => parts.push(Buffer.from(`${text}\n`))
  const data = (bytes: Buffer) => parts.push(Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n'))
  line(`commit refs/heads/${branch}`)
  line('committer Operator <operator@example.com> now')
  data(Buffer.from('Start of the GitOps repo\n'))
  for (const [path, file] of Object.entries(files)) {
    const isExecutable = typeof file === 'object' && !Buffer.isBuffer(file)
    line(`M ${isExecutable ? '100755' : '100644'} inline ${quoted(path)}`)
    data(isExecutable ? Buffer.from(file.text) : Buffer.from(file))
  }
  const args = ['fast-import', '--quiet', '--done', '--date-format=now']
  await git(args, { cwd: dir, input: Buffer.concat([...parts, Buffer.from('done\n')]) })
}

const quoted = (path: string) =>
  `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
