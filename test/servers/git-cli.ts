/** The git command line, with nothing of the user's own configuration, for what tests and the demo do and look at. */
import { execFile } from 'node:child_process'

export interface GitRun {
  readonly cwd: string
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
}

/** The whole environment of a git process here: no system or global configuration, no prompt, a fixed person. */
export const gitEnv = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  HOME: home,
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Operator',
  GIT_AUTHOR_EMAIL: 'operator@example.com',
  GIT_COMMITTER_NAME: 'Operator',
  GIT_COMMITTER_EMAIL: 'operator@example.com',
})

/** Runs git. @returns its standard output as bytes. @throws with its standard error where it fails */
export function gitBytes(args: readonly string[], { cwd, input, env }: GitRun): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...gitEnv(cwd), ...env }, maxBuffer: 1024 ** 3, encoding: 'buffer' as const }
    const child = execFile('git', [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`git ${args.join(' ')}: ${stderr.toString('utf8') || error.message}`, { cause: error }))
    })
    child.stdin?.on('error', () => {}) // a git that ends before it has read everything says why by its exit code
    child.stdin?.end(input ?? '')
  })
}

/** Runs git. @returns its standard output as text, without the last line end */
export const git = async (args: readonly string[], run: GitRun): Promise<string> =>
  (await gitBytes(args, run)).toString('utf8').replace(/\n$/, '')

export interface LoggedCommit {
  readonly id: string
  readonly parents: readonly string[]
  readonly committer: string
  readonly message: string
}

/** A branch's commits, newest first. */
export async function logOf(dir: string, branch = 'main', limit?: number): Promise<LoggedCommit[]> {
  const args = ['log', '-z', '--format=%H%n%P%n%cn <%ce>%n%B', ...(limit === undefined ? [] : [`-${limit}`]), branch]
  const text = await git(args, { cwd: dir })
  return text
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [id = '', parents = '', committer = '', ...message] = entry.split('\n')
      return { id, parents: parents.split(' ').filter(Boolean), committer, message: message.join('\n') }
    })
}

/** Every file of a revision: path -> `<mode> <object id>`. Names that are not UTF-8 are read as Latin-1. */
export async function filesAt(dir: string, revision = 'main', below?: string): Promise<Map<string, string>> {
  const args = ['ls-tree', '-r', '-z', revision, ...(below === undefined ? [] : [below])]
  const text = (await gitBytes(args, { cwd: dir })).toString('latin1')
  const entries = text.split('\0').filter((entry) => entry !== '')
  return new Map(
    entries.map((entry) => {
      const [about = '', name = ''] = entry.split('\t')
      const [mode = '', , id = ''] = about.split(' ')
      const utf8 = Buffer.from(name, 'latin1').toString('utf8')
      return [utf8.includes('\uFFFD') ? name : utf8, `${mode} ${id}`]
    }),
  )
}

/** One file's text at a revision. */
export const showFile = async (dir: string, path: string, revision = 'main'): Promise<string> =>
  (await gitBytes(['show', `${revision}:${path}`], { cwd: dir })).toString('utf8')

/** `git fsck --full --strict`: throws with what it found. */
export async function fsck(dir: string): Promise<void> {
  const found = await git(['fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { cwd: dir })
  if (found !== '') throw new Error(`git fsck ${dir}: ${found}`)
}
