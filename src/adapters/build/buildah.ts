/**
 * Builds with buildah: no daemon, no root needed. Chroot isolation keeps a Dockerfile from breaking things by accident;
 * it is no wall against one that tries (buildah-bud(1), --isolation), so only branches of the repo itself are built.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import type { BuildRequest, ImageBuilder, Log } from '../../ports.ts'
import { runTool, ToolFailed, type ToolRun } from '../child-process.ts'
import type { Authority } from '../registry/authority.ts'
import { authsForTools } from '../registry/credentials.ts'
import { isDigest } from '../registry/manifest.ts'
import { repositoryText } from '../registry/repository.ts'
import { buildahVerdictOf, buildFailureOf } from './build-failure.ts'
import { isNearlyFull, openCache, settledIn, withIdleStores, withStore } from './buildah-cache.ts'
import { type Wrapper, wrapperOf } from './buildah-namespaces.ts'
import { policyOf } from './buildah-policy.ts'
import { emptyStore, type Store, storeAt, sweepAborted, sweepBuilt, sweepFailed, sweepKilled } from './buildah-store.ts'
import type { BuilderSettings } from './builder-settings.ts'
import { BUILDAH_PLACES, type IgnoreFile } from './ignore-file.ts'
import { labelFlagsOf } from './image-labels.ts'
import { checkRegistrySettings, type ImageTarget } from './image-target.ts'
import { inputFlagsOf } from './input-flags.ts'
import { checkImages } from './registry-images.ts'
import { type BuildOrder, type ImageMaker, makingWhatIsMissing } from './reuse.ts'
import { type Limits, tidy } from './tidy.ts'
import { pushFailureOf } from './tool-trouble.ts'
import { answerOf, shortVersionOf } from './tool-version.ts'
import { mountsContext } from './whole-context.ts'
import { makeWorkFolder, type WorkFolder } from './work-folder.ts'

/** At the service's end: what is not swept by then has its work folder still, and is swept by the next start. */
const CLOSE_MS = 5_000

interface Work {
  /** Fills in the command line and environment around buildah's arguments. */
  readonly buildah: (args: readonly string[]) => Pick<ToolRun, 'command' | 'args' | 'cwd' | 'env'>
  readonly settings: BuilderSettings
  readonly folder: WorkFolder
  readonly log: Log
  readonly signal: AbortSignal
}

/** @returns null where there is no buildah on the PATH */
export async function findBuildah(settings: BuilderSettings, note: Log): Promise<ImageBuilder | null> {
  const version = await answerOf('buildah', ['--version'], { PATH: settings.path }, settings.workDir)
  if (version === null) return null
  checkRegistrySettings(settings.registry)
  const wrapper = await wrapperOf(settings.path, settings.workDir)
  if (wrapper === null) {
    note(
      'buildah: no namespaces here; what a RUN step leaves in the background stays, and the layers of all apps are seen',
    )
  }
  const never = new AbortController().signal
  await withIdleStores(await openCache(settings.cacheDir), (path) =>
    tidy((limits) => sweepKilled(storeAt(path, settings), limits), never, note),
  )
  const ending = new AbortController()
  /** Nobody waits for it but the next build of the store, and the service's end. */
  const behind = (sweep: (limits: Limits) => Promise<void>, build: AbortSignal) => () =>
    tidy(({ timeoutMs, signal }) => sweep({ timeoutMs, signal: AbortSignal.any([signal, ending.signal]) }), build, note)
  const maker: ImageMaker = {
    name: `buildah ${shortVersionOf(version)}`,
    kind: 'buildah',
    platformNow: async () => `${process.platform}/${process.arch}`,
    places: BUILDAH_PLACES,
    reading: 'buildah',
    seesWholeContext: mountsContext,
    async make(order, log, signal) {
      const { request, source, target } = order
      checkImages(source)
      const auths = await authsForTools(settings.credentials, target, log, signal)
      const cacheDir = await openCache(settings.cacheDir)
      if (await isNearlyFull(cacheDir))
        await withIdleStores(cacheDir, (path) => emptyStore(storeAt(path, settings), { signal }))
      return await withStore(cacheDir, storesOf(request), async (path, afterwards) => {
        const store = storeAt(path, settings)
        await sweepKilled(store, { timeoutMs: settings.timeoutMs, signal })
        try {
          const folder = await makeWorkFolder(store.work, auths)
          await configureImages(folder, store, settings, target)
          const before = wrapper?.(cacheDir, store) ?? []
          const work = { buildah: commandIn(store, before, folder), settings, folder, log, signal }
          const pushed = await push(work, await build(work, order), target)
          // The run's log may be closed by then.
          afterwards(behind((limits) => sweepBuilt(store, limits), signal))
          return pushed
        } catch (error) {
          const sweep = signal.aborted ? sweepAborted : sweepFailed
          await tidy((limits) => sweep(store, limits), signal, log)
          // What took longer than an aborted run may.
          afterwards(behind((limits) => sweepKilled(store, limits), never))
          throw error
        }
      })
    },
    async close() {
      const late = setTimeout(() => ending.abort(new Error('the service ends; the next start removes it')), CLOSE_MS)
      await settledIn(settings.cacheDir)
      clearTimeout(late)
    },
  }
  return makingWhatIsMissing(maker, settings)
}

/** Layers of one image would push those of another out; no app is called so. */
const storesOf = ({ app, image }: BuildRequest): string => (image === null ? app : `${app}+${image}`)

function commandIn(store: Store, wrapper: ReturnType<Wrapper>, folder: WorkFolder): Work['buildah'] {
  const { path: cwd, home: HOME, temporary: TMPDIR, authFile: REGISTRY_AUTH_FILE } = folder
  const env = { ...store.env, HOME, TMPDIR, XDG_RUNTIME_DIR: TMPDIR, REGISTRY_AUTH_FILE }
  const [command = '', ...before] = [...wrapper, 'buildah', ...store.flags]
  return (args) => ({ cwd, env, command, args: [...before, ...args] })
}

/** The last image keeps its name, and by that its layers for the next build. */
async function build(
  { buildah, settings, folder, log, signal }: Work,
  { request, source, ignoreFile }: BuildOrder,
): Promise<string> {
  if (source.dockerfile.path.endsWith('.in')) {
    // buildah-bud(1), --file: such a file goes through the C preprocessor, which includes any file of this machine.
    throw new Terminal(`the Dockerfile ${request.dockerfile} ends in .in, which buildah would preprocess`)
  }
  const idFile = join(folder.path, 'image-id')
  const files = ['--iidfile', idFile, '--authfile', folder.authFile, '--file', source.dockerfile.path]
  const ignored = await ignoreFlags(ignoreFile, folder)
  // A layer of before is taken for a step that reads the same, whatever the files are by now that it mounts.
  const fresh = mountsContext(source.dockerfile.text) ? ['--no-cache'] : []
  const form = ['--isolation', 'chroot', '--layers', '--format', 'docker', '--tag', `localhost/westage/${request.app}`]
  const about = [...labelFlagsOf(request, settings.webUrl), ...inputFlagsOf(request, 'buildah')]
  const args = ['bud', ...form, ...fresh, ...files, ...ignored, ...about, source.context]
  await runTool({ ...buildah(args), timeoutMs: settings.timeoutMs, onLine: (line) => log(line), signal }).catch(
    (error) => {
      throw buildFailureOf(error, source, buildahVerdictOf, [folder.path])
    },
  )
  return (await readFile(idFile, 'utf8')).trim()
}

/** buildah reads some lines of a .dockerignore otherwise than docker does; what is understood it is given as it is meant. */
async function ignoreFlags({ name, patterns }: IgnoreFile, { path }: WorkFolder): Promise<readonly string[]> {
  if (patterns === null) return []
  // buildah's messages say where that is.
  const file = join(path, name)
  await writeFile(file, patterns.map(({ line }) => `${line}\n`).join(''))
  return ['--ignorefile', file]
}

async function push(
  { buildah, settings, folder, log, signal }: Work,
  image: string,
  target: ImageTarget,
): Promise<{ repository: string; digest: string }> {
  const repository = repositoryText(target)
  const digestFile = join(folder.path, 'digest')
  const tls = settings.registry.plainHttp ? ['--tls-verify=false'] : []
  const destination = `docker://${repository}:${target.tag}`
  const args = ['push', '--authfile', folder.authFile, '--digestfile', digestFile, ...tls, image, destination]
  await runTool({ ...buildah(args), timeoutMs: settings.timeoutMs, onLine: (line) => log(line), signal }).catch(
    (error) => {
      throw error instanceof ToolFailed ? pushFailureOf(error, `${repository}:${target.tag}`) : error
    },
  )
  const digest = (await readFile(digestFile, 'utf8')).trim()
  if (!isDigest(digest)) throw new Error(`buildah pushed ${repository}:${target.tag} and names no digest`)
  return { repository, digest }
}

/** containers-certs.d(5): a folder for each registry, in the home too. */
async function trust(folder: string, { pem }: Authority): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'ca.crt'), pem)
}

/**
 * A short name means Docker Hub, as it does to docker, and the configured registry is reached as it is configured.
 * containers-registries.conf.d(5): files in the home count on top of the machine's own. containers-policy.json(5): the
 * file in the home counts instead of the machine's own.
 */
async function configureImages(
  { home }: WorkFolder,
  store: Store,
  { registry }: BuilderSettings,
  target: ImageTarget,
): Promise<void> {
  const containers = join(home, '.config', 'containers')
  const conf = join(containers, 'registries.conf.d')
  await mkdir(conf, { recursive: true })
  await writeFile(join(containers, 'policy.json'), await policyOf(store.root))
  if (registry.authority) await trust(join(containers, 'certs.d', target.registry), registry.authority)
  const insecure = registry.plainHttp ? `[[registry]]\nlocation = "${target.registry}"\ninsecure = true\n` : ''
  await writeFile(join(conf, 'westage.conf'), `unqualified-search-registries = ["docker.io"]\n${insecure}`)
}
