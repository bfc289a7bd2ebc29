/** The programs of the cluster: built by Go from the versions that go.mod pins, once, and kept in the user's cache. */
import { chmod, copyFile, cp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { builtOnce, go, goBuild } from './built-once.ts'
import { COREDNS_IMAGE, imageOf, PAUSE_IMAGE } from './program-image.ts'

const HERE = import.meta.dirname
const ARGOCD = 'github.com/argoproj/argo-cd/v3'

/** What `go build` calls them, and what they are. */
const RENAMED = { cmd: 'argocd', server: 'etcd' } as const
/** All that decides what is built. */
const RECIPE = [
  'go.mod',
  'go.sum',
  'pause/main.go',
  'network/go.mod',
  'network/go.sum',
  'network/coredns/main.go',
  'network/network-policies/main.go',
  'programs.ts',
  'program-image.ts',
]
export interface Programs {
  /** With every program, what Argo CD needs beside its own, and images for containerd: `pause.tar`, `coredns.tar`. */
  readonly folder: string
  readonly versions: Versions
}

interface Versions {
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
  const recipe = await Promise.all(RECIPE.map((file) => readFile(join(HERE, file), 'utf8')))
  const [goMod = ''] = recipe
  const versions = { kubernetes: `v${requiredVersion(goMod, 'k8s.io/kubernetes')}`, argocd: argocdVersionIn(goMod) }
  const what = `Kubernetes ${versions.kubernetes} and Argo CD ${versions.argocd}`
  const folder = await builtOnce(what, recipe, (draft) => build(draft, versions, log, signal), log)
  return { folder, versions }
}

async function build(folder: string, versions: Versions, log: (line: string) => void, signal: AbortSignal) {
  await goBuild(HERE, linkerFlags(versions), ['-o', `${folder}/`, 'tool', './pause'], signal, log)
  for (const [built, name] of Object.entries(RENAMED)) await rename(join(folder, built), join(folder, name))
  await copyArgoCdFiles(HERE, folder, signal)
  await goBuild(join(HERE, 'network'), '-s -w', ['-o', `${folder}/`, './...'], signal, log)
  for (const [program, image] of [
    ['pause', PAUSE_IMAGE],
    ['coredns', COREDNS_IMAGE],
  ] as const) {
    await writeFile(join(folder, `${program}.tar`), imageOf(image, program, await readFile(join(folder, program))))
  }
}

/** Argo CD's own manifests, under `argocd-manifests`, and what its image has beside the binary. */
export async function copyArgoCdFiles(module: string, folder: string, signal: AbortSignal): Promise<void> {
  const source = (await go(module, ['list', '-m', '-mod=readonly', '-f', '{{.Dir}}', ARGOCD], signal)).trim()
  for (const manifests of ['crds', 'base/config']) {
    await cp(join(source, 'manifests', manifests), join(folder, 'argocd-manifests', manifests), { recursive: true })
  }
  // repo-server calls it for every revision, whether signatures are asked for or not.
  await copyFile(join(source, 'hack/git-verify-wrapper.sh'), join(folder, 'git-verify-wrapper.sh'))
  await chmod(join(folder, 'git-verify-wrapper.sh'), 0o755)
}

/** Programs that are built from a module don't know their version, and clients can't parse `v0.0.0-master`. */
function linkerFlags({ kubernetes, argocd }: Versions): string {
  const [, major, minor] = /^v([0-9]+)\.([0-9]+)\./.exec(kubernetes) ?? []
  const values = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((name) => [
    `-X ${name}.gitVersion=${kubernetes}`,
    `-X ${name}.gitMajor=${major}`,
    `-X ${name}.gitMinor=${minor}`,
  ])
  return [...values, argocdLinkerFlags(argocd)].join(' ')
}

export const argocdLinkerFlags = (version: string): string => `-s -w -X ${ARGOCD}/common.version=${version}`

/** What a go.mod pins: `3.5.3`. */
export const argocdVersionIn = (goMod: string): string => requiredVersion(goMod, ARGOCD)

function requiredVersion(goMod: string, module: string): string {
  const version = goMod.match(new RegExp(`^\\s*${module.replaceAll('.', '\\.')} v(\\S+)`, 'm'))?.[1]
  if (version === undefined) throw new Error(`go.mod requires no ${module}`)
  return version
}
