/** The programs of the cluster: built by Go from the versions that go.mod pins, once, and kept in the user's cache. */
import { createHash } from 'node:crypto'
import { access, chmod, copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '../../src/adapters/child-process.ts'
import { pauseImage } from './pause-image.ts'

const HERE = import.meta.dirname
const ARGOCD = 'github.com/argoproj/argo-cd/v3'
const BUILD_TIMEOUT_MS = 60 * 60_000

/** What `go build` calls them, and what they are. */
const RENAMED = { cmd: 'argocd', server: 'etcd' } as const
export interface Programs {
  /** With every program, Argo CD's own manifests under `argocd-manifests`, and `pause.tar`, the pods' sandbox image. */
  readonly folder: string
  readonly versions: Versions
}

export interface Versions {
  /** `v1.36.1` */
  readonly kubernetes: string
  /** `3.5.3` */
  readonly argocd: string
}

/**
 * Builds them where they are not there yet: 20 minutes or more on two cores from nothing, half a minute where Go has
 * all of it in its cache.
 * @throws {ToolMissing} Go is not on the PATH @throws {ToolFailed} with Go's own words
 */
export async function findPrograms(log: (line: string) => void, signal: AbortSignal): Promise<Programs> {
  const [goMod, goSum, pause, recipe] = await Promise.all(
    ['go.mod', 'go.sum', 'pause/main.go', 'programs.ts'].map((file) => readFile(join(HERE, file), 'utf8')),
  )
  const versions = versionsIn(goMod ?? '')
  const key = createHash('sha256').update([goMod, goSum, pause, recipe].join('\0')).digest('hex').slice(0, 16)
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'westage-test-cluster')
  const folder = join(cache, key)
  if (await isThere(folder)) return { folder, versions }

  log(`building Kubernetes ${versions.kubernetes} and Argo CD ${versions.argocd} into ${folder}`)
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, 'draft-'))
  try {
    await build(draft, versions, log, signal)
    // Somebody else may have built the same meanwhile: theirs is as good.
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return { folder, versions }
}

async function build(folder: string, versions: Versions, log: (line: string) => void, signal: AbortSignal) {
  const args = ['build', '-mod=readonly', '-buildvcs=false', '-ldflags', linkerFlags(versions), '-o', `${folder}/`]
  await go([...args, 'tool', './pause'], signal, log)
  for (const [built, name] of Object.entries(RENAMED)) await rename(join(folder, built), join(folder, name))
  const module = (await go(['list', '-m', '-mod=readonly', '-f', '{{.Dir}}', ARGOCD], signal)).trim()
  for (const manifests of ['crds', 'base/config']) {
    await cp(join(module, 'manifests', manifests), join(folder, 'argocd-manifests', manifests), { recursive: true })
  }
  // repo-server calls it for every revision, whether signatures are asked for or not.
  await copyFile(join(module, 'hack/git-verify-wrapper.sh'), join(folder, 'git-verify-wrapper.sh'))
  await chmod(join(folder, 'git-verify-wrapper.sh'), 0o755)
  await writeFile(join(folder, 'pause.tar'), pauseImage(await readFile(join(folder, 'pause'))))
}

/** Programs that are built from a module don't know their version, and clients can't parse `v0.0.0-master`. */
function linkerFlags({ kubernetes, argocd }: Versions): string {
  const [, major, minor] = /^v([0-9]+)\.([0-9]+)\./.exec(kubernetes) ?? []
  const values = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((name) => [
    `-X ${name}.gitVersion=${kubernetes}`,
    `-X ${name}.gitMajor=${major}`,
    `-X ${name}.gitMinor=${minor}`,
  ])
  return ['-s -w', ...values, `-X ${ARGOCD}/common.version=${argocd}`].join(' ')
}

/** What go.mod pins. */
export function versionsIn(goMod: string): Versions {
  const versionOf = (module: string) => {
    const version = goMod.match(new RegExp(`^\\s*${module.replaceAll('.', '\\.')} v(\\S+)`, 'm'))?.[1]
    if (version === undefined) throw new Error(`${join(HERE, 'go.mod')} requires no ${module}`)
    return version
  }
  return { kubernetes: `v${versionOf('k8s.io/kubernetes')}`, argocd: versionOf(ARGOCD) }
}

/** Go finds its caches and proxies by its own variables. */
async function go(args: string[], signal: AbortSignal, onLine?: (line: string) => void): Promise<string> {
  const env: Record<string, string> = { CGO_ENABLED: '0' }
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (/^(PATH|HOME|XDG_CACHE_HOME|GO[A-Z0-9]*|https?_proxy|no_proxy)$/i.test(name)) env[name] = value
  }
  const run = { command: 'go', args, cwd: HERE, env, timeoutMs: BUILD_TIMEOUT_MS, signal }
  return (await runTool(onLine === undefined ? run : { ...run, onLine: (line) => onLine(line) })).stdout
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
