/** Builds with a buildkitd that is reached by its address: buildctl hands it the context, and it pushes the image. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { BuiltImage } from '../../domain/image.ts'
import type { ImageBuilder, Log } from '../../ports.ts'
import { runTool } from '../child-process.ts'
import { authsForTools } from '../registry/credentials.ts'
import { isDigest } from '../registry/manifest.ts'
import { repositoryText } from '../registry/repository.ts'
import { buildFlagsOf, cacheTargetOf, nameOf } from './build-flags.ts'
import { buildSecretsIn } from './build-secrets.ts'
import type { BuilderSettings } from './builder-settings.ts'
import { buildkitFailureOf, unansweredOf } from './buildkit-failure.ts'
import { type BuildKitSettings, connectionFlagsOf } from './buildkit-settings.ts'
import { namesOtherFrontend } from './frontend.ts'
import { trustIn } from './go-certificates.ts'
import { BUILDKIT_PLACES } from './ignore-file.ts'
import { checkRegistrySettings } from './image-target.ts'
import { type BuildOrder, type ImageMaker, makingWhatIsMissing } from './reuse.ts'
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
    close: async () => {},
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
  const folders = { context: source.context, dockerfile: dirname(source.dockerfile.path) }
  const flags = buildFlagsOf({ request, source, target }, settings, buildkit, folders)
  const auths = await authsForTools(settings.credentials, target, log, signal)
  return await withWorkFolder(settings.workDir, auths, async (folder) => {
    const metadataFile = join(folder.path, 'metadata.json')
    const secrets = await buildSecretsIn(folder, request.secrets)
    const args = [...buildctl.connection, ...flags, '--metadata-file', metadataFile, ...secrets.flags]
    const { home: HOME, temporary: TMPDIR, authFile } = folder
    // It asks token servers itself.
    const trusted = await trustIn(folder, settings.registry.authority ?? null)
    const env = { ...buildctl.env, ...trusted, HOME, TMPDIR, DOCKER_CONFIG: dirname(authFile) }
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

/** buildctl asks the registries' token servers itself. How docker is reached is none of its business. */
const proxiesOf = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => /_proxy$/i.test(name)))
