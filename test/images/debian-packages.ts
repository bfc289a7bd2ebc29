/** Files of Debian's packages, fetched and unpacked without installing anything. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../../src/adapters/child-process.ts'

const TIMEOUT_MS = 300_000
/** What programs do not read. */
const UNREAD = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/lintian', 'usr/share/bug']

export interface PackagesOptions {
  readonly packages: readonly string[]
  /** Libraries that the packages depend on, and these programs do without. */
  readonly without?: RegExp
}

/**
 * Unpacks packages, and the libraries they depend on, into a folder.
 * @throws {ToolMissing} this is not Debian @throws {ToolFailed} apt knows no such package: `apt-get update` first
 */
export async function unpackPackages(
  root: string,
  { packages, without = /^$/ }: PackagesOptions,
  signal: AbortSignal,
): Promise<void> {
  const run = async (cwd: string, command: string, ...args: readonly string[]) =>
    (await runTool({ command, args, cwd, env: ENVIRONMENT, timeoutMs: TIMEOUT_MS, signal })).stdout
  const described = await run(root, 'apt-cache', ...DEPENDS, ...packages)
  const wanted = withLibraries(packages, dependenciesIn(described), without)
  const archives = await mkdtemp(`${root}-archives-`)
  try {
    await run(archives, 'apt-get', ...AS_WE_ARE, 'download', ...wanted)
    for (const archive of await readdir(archives)) await run(archives, 'dpkg-deb', '--extract', archive, root)
  } finally {
    await rm(archives, { recursive: true })
  }
  for (const folder of UNREAD) await rm(join(root, folder), { recursive: true, force: true })
  // Programs look for it whether a package brings it or not.
  await mkdir(join(root, 'tmp'), { recursive: true })
}

const ENVIRONMENT = { PATH: process.env.PATH ?? '', LC_ALL: 'C' }
/** apt's own user may not write where we do. */
const AS_WE_ARE = ['-qq', '-o', 'APT::Sandbox::User=root']
const DEPENDS = [
  'depends',
  '--recurse',
  ...['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`),
]

/** What `apt-cache depends` says. Of alternatives, which it marks by `|`, the first is taken. */
function dependenciesIn(described: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  let [current, isAlternative]: [string[], boolean] = [[], false]
  for (const line of described.split('\n')) {
    const [, mark, name = ''] = /^ ([ |])(?:Pre)?Depends: (\S+)/.exec(line) ?? []
    if (mark === undefined) {
      if (!/^\S/.test(line)) continue
      current = []
      found.set(line.trim(), current)
    } else if (!isAlternative) current.push(name)
    isAlternative = mark === '|'
  }
  return found
}

/** Programs need libraries; the other packages that Debian's depend on set up a machine. */
function withLibraries(
  packages: readonly string[],
  dependencies: ReadonlyMap<string, readonly string[]>,
  without: RegExp,
): readonly string[] {
  const wanted = new Set(packages)
  // A Set gives what is added to it while it is gone through, too.
  for (const name of wanted) {
    for (const dependency of dependencies.get(name) ?? []) {
      if (/^(lib|zlib)/.test(dependency) && !without.test(dependency)) wanted.add(dependency)
    }
  }
  return [...wanted]
}
