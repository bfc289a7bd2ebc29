/** Builds with a buildkitd that is reached by its address: buildctl hands it the context, and it pushes the image. */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { BuiltImage } from '../../domain/image.ts'
import type { BuildRequest, ImageBuilder, Log } from '../../ports.ts'
import { runTool } from '../child-process.ts'
import { authsForTools } from '../registry/credentials.ts'
import { isDigest } from '../registry/manifest.ts'
import { repositoryText } from '../registry/repository.ts'
import { buildSecretsIn } from './build-secrets.ts'
import type { BuilderSettings } from './builder-settings.ts'
import { buildkitFailureOf, unansweredOf } from './buildkit-failure.ts'
import { type BuildKitSettings, connectionFlagsOf } from './buildkit-settings.ts'
import { frontendOf, namesOtherFrontend } from './frontend.ts'
import { BUILDKIT_PLACES } from './ignore-file.ts'
import { labelsOf } from './image-labels.ts'
import { checkRegistrySettings, type ImageTarget, imageTargetOf } from './image-target.ts'
import { type BuildOrder, type ImageMaker, makingWhatIsMissing } from './reuse.ts'
import type { Source } from './source.ts'
import { answerOf, shortVersionOf } from './tool-version.ts'
import { withWorkFolder } from './work-folder.ts'

/** BuildKit, "Image output", what the exporter answers. */
const MetadataSchema = z.object({ 'containerimage.digest': z.string().refine(isDigest) })

const ANSWER_TIMEOUT_MS = 15_000

/** How buildctl is run. */
interface Buildctl {
  /** The flags by which it finds buildkitd. */
  readonly connection: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/**
 * @returns null where there is no buildctl on the PATH. A buildkitd that does not answer is told to `note`: it may be
 * starting, and a build that needs it is tried again.
 */
export async function findBuildKit(
  settings: BuilderSettings,
  buildkit: BuildKitSettings,
  note: Log,
): Promise<ImageBuilder | null> {
  const buildctl: Buildctl = {
    connection: connectionFlagsOf(buildkit),
    env: { ...proxiesOf(settings.env), PATH: settings.path },
  }
  const version = await answerOf('buildctl', ['--version'], buildctl.env, settings.workDir)
  if (version === null) return null
  checkRegistrySettings(settings.registry)
  cacheTargetOf(settings, buildkit, { app: 'app', image: null, pull: 1, sha: '0'.repeat(40) })
  if ((await answerOf('buildctl', workersArgs(buildctl), buildctl.env, settings.workDir)) === null) {
    note(`buildkitd does not answer at ${buildkit.address}: builds wait for it`)
  }
  const maker: ImageMaker = {
    name: `buildkit ${shortVersionOf(version)}`,
    kind: 'buildkit',
    // Another buildkitd may answer by now.
    platformNow: (signal) => platformOf(buildctl, settings, buildkit.address, signal),
    places: BUILDKIT_PLACES,
    reading: 'docker',
    seesWholeContext: namesOtherFrontend,
    make: (order, log, signal) => buildAndPush(order, { buildctl, settings, buildkit, log, signal }),
  }
  return makingWhatIsMissing(maker, settings)
}

interface Work {
  readonly buildctl: Buildctl
  readonly settings: BuilderSettings
  readonly buildkit: BuildKitSettings
  readonly log: Log
  readonly signal: AbortSignal
}

async function buildAndPush(
  { request, source, target }: BuildOrder,
  { buildctl, settings, buildkit, log, signal }: Work,
): Promise<BuiltImage> {
  const sourceFlags = sourceFlagsOf(source, buildkit)
  const auths = await authsForTools(settings.credentials, target, log, signal)
  return await withWorkFolder(settings.workDir, auths, async (folder) => {
    const metadataFile = join(folder.path, 'metadata.json')
    const secrets = await buildSecretsIn(folder, request.secrets)
    const args = [
      ...buildctl.connection,
      ...['build', '--progress', 'plain', '--metadata-file', metadataFile],
      ...sourceFlags,
      ...inputOptionsOf(request),
      ...secrets.flags,
      ...labelsOf(request, settings.webUrl).flatMap((label) => ['--opt', `label:${label}`]),
      ...cacheFlagsOf(settings, cacheTargetOf(settings, buildkit, request)),
      ...['--output', attributes({ type: 'image', name: nameOf(target), push: 'true', ...insecure(settings) })],
    ]
    const { home: HOME, temporary: TMPDIR, authFile } = folder
    const env = { ...buildctl.env, HOME, TMPDIR, DOCKER_CONFIG: dirname(authFile) }
    const onLine = (line: string) => log(secrets.hide(line))
    const { timeoutMs } = settings
    await runTool({ command: 'buildctl', args, cwd: folder.path, env, timeoutMs, onLine, signal }).catch((error) => {
      throw buildkitFailureOf(secrets.hideIn(error), source, nameOf(target), buildkit.address)
    })
    const metadata = MetadataSchema.parse(JSON.parse(await readFile(metadataFile, 'utf8')))
    return { repository: repositoryText(target), digest: metadata['containerimage.digest'] }
  })
}

const PLATFORM = '{{with index . 0}}{{with index .Platforms 0}}{{.OS}}/{{.Architecture}}{{end}}{{end}}'

const workersArgs = ({ connection }: Buildctl): string[] => [...connection, 'debug', 'workers', '--format', PLATFORM]

/** What buildkitd builds for where a build says nothing: the first that its worker names. */
async function platformOf(
  buildctl: Buildctl,
  { workDir }: BuilderSettings,
  address: string,
  signal: AbortSignal,
): Promise<string> {
  const env = { ...buildctl.env, HOME: workDir, TMPDIR: workDir }
  const run = { command: 'buildctl', args: workersArgs(buildctl), cwd: workDir, env, timeoutMs: ANSWER_TIMEOUT_MS }
  const { stdout } = await runTool({ ...run, signal }).catch((error) => {
    throw unansweredOf(error, address)
  })
  return stdout.trim()
}

const nameOf = (target: ImageTarget): string => `${repositoryText(target)}:${target.tag}`

/** buildctl asks the registries' token servers itself. How docker is reached is none of its business. */
const proxiesOf = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => /_proxy$/i.test(name)))

/** BuildKit, frontend/dockerfile/builder/build.go: with `cmdline` the frontend takes it that `# syntax=` was followed. */
function sourceFlagsOf(source: Source, { frontends }: BuildKitSettings): string[] {
  const { path } = source.dockerfile
  const builtIn = frontendOf(source, frontends) === 'built in' ? ['--opt', 'cmdline=dockerfile.v0'] : []
  return [
    ...['--frontend', 'dockerfile.v0', '--opt', `filename=${basename(path)}`, ...builtIn],
    ...['--local', `context=${source.context}`, '--local', `dockerfile=${dirname(path)}`],
  ]
}

/**
 * Cache mounts (RUN --mount=type=cache) are buildkitd's, shared by all that build there: each app has its own.
 * BuildKit, "BuildKit built-in build args", BUILDKIT_CACHE_MOUNT_NS.
 */
function inputOptionsOf({ args, target, platforms, repository, app }: BuildRequest): string[] {
  const own = { ...args, BUILDKIT_CACHE_MOUNT_NS: `${repository}/${app}` }
  const options = [
    ...Object.entries(own).map(([name, value]) => `build-arg:${name}=${value}`),
    ...(target === null ? [] : [`target=${target}`]),
    ...(platforms.length === 0 ? [] : [`platform=${platforms.join(',')}`]),
  ]
  return options.flatMap((option) => ['--opt', option])
}

type Revision = Omit<Parameters<typeof imageTargetOf>[1], 'hash'>

/** Where layers are kept. @throws {Terminal} (operator) the template gives no tag */
function cacheTargetOf(
  { registry }: BuilderSettings,
  { cacheTag }: BuildKitSettings,
  revision: Revision,
): ImageTarget | null {
  return cacheTag === null ? null : imageTargetOf({ ...registry, tag: cacheTag }, { ...revision, hash: '' })
}

/**
 * BuildKit, "Registry cache". Of all stages (`mode=max`), in the form that every registry takes (ECR none other). A cache
 * that can't be written costs the next build time, and this one nothing.
 */
function cacheFlagsOf(settings: BuilderSettings, cache: ImageTarget | null): string[] {
  if (cache === null) return []
  const from = { type: 'registry', ref: nameOf(cache), ...insecure(settings) }
  const form = { mode: 'max', 'image-manifest': 'true', 'oci-mediatypes': 'true', 'ignore-error': 'true' }
  return ['--import-cache', attributes(from), '--export-cache', attributes({ ...from, ...form })]
}

const insecure = ({ registry }: BuilderSettings): Record<string, string> =>
  registry.plainHttp ? { 'registry.insecure': 'true' } : {}

/** buildctl reads them as one record of CSV; no name of an image has a comma or a quote in it. */
const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
