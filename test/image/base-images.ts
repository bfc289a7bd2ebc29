/** What stands in for the images that the Dockerfile starts from: the same programs in the same places, and little else. */
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runTool } from '../../src/adapters/child-process.ts'
import { copyPrograms } from '../adapters/build/repo-on-disk.ts'
import { makeBuildKit } from '../buildkit/programs.ts'
import { builtOnce, goBuild } from '../cluster/built-once.ts'

const ROOT = join(import.meta.dirname, '../..')
const KUSTOMIZE = join(import.meta.dirname, 'kustomize')
const KUSTOMIZE_VERSION = 'sigs.k8s.io/kustomize/api/provenance.version'
/** What the Dockerfile's steps and WeStage need of Debian, whose node image has far more. */
const DEBIAN = ['sh', 'chmod', 'chown', 'env', 'ln', 'mkdir', 'mkfifo', 'rm'].map((name) => `/bin/${name}`)
const SLOW_MS = 300_000

export interface BaseImage {
  /** As the Dockerfile names it. */
  readonly name: string
  /** Fills the folder with what the image has. */
  fill(folder: string): Promise<void>
  /** Instructions of a Dockerfile beside its files. */
  readonly instructions: readonly string[]
}

/** @throws the Dockerfile starts from an image that nothing stands in for, or from another version than the tests have */
export async function baseImages(log: (line: string) => void): Promise<readonly BaseImage[]> {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
  const names = [...dockerfile.matchAll(/^FROM (\S+\/\S+)/gm)].map(([, name = '']) => name)
  return await Promise.all([...new Set(names)].map((name) => standInFor(name, log)))
}

async function standInFor(name: string, log: (line: string) => void): Promise<BaseImage> {
  const [, image = '', version = ''] = /^(.+):v?([0-9.]+)(?:-bookworm-slim)?$/.exec(name) ?? []
  const copied = (program: () => Promise<string>, path: string): BaseImage => ({
    ...{ name, instructions: [] },
    fill: async (folder) => {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await cp(await program(), join(folder, path))
    },
  })
  switch (image) {
    case 'docker.io/library/node':
      return { name, instructions: authorities(), fill: (folder) => fillNode(folder, version, log) }
    case 'registry.k8s.io/kustomize/kustomize':
      await isPinned(join(KUSTOMIZE, 'go.mod'), `sigs.k8s.io/kustomize/kustomize/v5 v${version}`)
      return copied(async () => join(await kustomize(version, log), 'kustomize'), 'app/kustomize')
    case 'docker.io/moby/buildkit':
      await isPinned(join(ROOT, 'test/buildkit/go.mod'), `github.com/moby/buildkit v${version}`)
      return copied(async () => join(await makeBuildKit(log, never), 'buildctl'), 'usr/bin/buildctl')
    default:
      throw new Error(`nothing stands in for ${name}`)
  }
}

const never = new AbortController().signal

async function isPinned(goMod: string, module: string): Promise<void> {
  const required = (await readFile(goMod, 'utf8'))
    .split('\n')
    .map((line) => line.replace(/^(require)?\s+|\s*\/\/.*$/g, ''))
  if (!required.includes(module)) throw new Error(`${goMod} does not require ${module}, which the Dockerfile has`)
}

async function kustomize(version: string, log: (line: string) => void): Promise<string> {
  const recipe = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(KUSTOMIZE, file), 'utf8')))
  const flags = `-s -w -X ${KUSTOMIZE_VERSION}=v${version}`
  const build = (folder: string) => goBuild(KUSTOMIZE, flags, ['-o', `${folder}/`, 'tool'], never, log)
  return await builtOnce(`kustomize ${version}`, recipe, build, log)
}

/** Node as its own project builds it, which npm has too; npm is this machine's. */
async function fillNode(folder: string, version: string, log: (line: string) => void): Promise<void> {
  const programs = await builtOnce(
    `node ${version}`,
    ['node', version, process.arch],
    (draft) => node(draft, version),
    log,
  )
  await copyPrograms(folder, DEBIAN)
  await copyPrograms(folder, [join(programs, 'node')])
  await rm(join(folder, programs), { recursive: true })
  const local = join(folder, 'usr/local')
  await mkdir(join(local, 'bin'), { recursive: true })
  await cp(join(programs, 'node'), join(local, 'bin/node'))
  await cp(join(await npmModules(), 'npm'), join(local, 'lib/node_modules/npm'), { recursive: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  for (const path of ['etc', 'root', 'tmp', 'usr/bin', 'var/lib', 'home/node']) {
    await mkdir(join(folder, path), { recursive: true })
  }
  await symlink('/bin/env', join(folder, 'usr/bin/env'))
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
  if (ownAuthorities !== undefined) await cp(ownAuthorities, join(folder, 'etc/authorities.pem'), { dereference: true })
}

async function node(draft: string, version: string): Promise<void> {
  const name = `node-linux-${process.arch}`
  await npm(['install', '--no-save', '--ignore-scripts', '--prefix', join(draft, 'npm'), `${name}@${version}`])
  await cp(join(draft, 'npm/node_modules', name, 'bin/node'), join(draft, 'node'))
}

const npmModules = async (): Promise<string> => (await npm(['root', '--global'])).trim()

async function npm(args: readonly string[]): Promise<string> {
  const env: Record<string, string> = {}
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (/^(PATH|HOME|NODE_EXTRA_CA_CERTS|npm_config_.*|https?_proxy|no_proxy)$/i.test(name)) env[name] = value
  }
  return (await runTool({ command: 'npm', args, cwd: '/', env, timeoutMs: SLOW_MS, signal: never })).stdout
}

/** Where this machine reaches npm by an authority of its own, steps of a build do too. */
const ownAuthorities = process.env.NODE_EXTRA_CA_CERTS
const authorities = () => (ownAuthorities === undefined ? [] : ['ENV NODE_EXTRA_CA_CERTS=/etc/authorities.pem'])
