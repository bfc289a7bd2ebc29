/** Builds with a docker engine, wherever `DOCKER_HOST` says that it is. */
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import type { BuildRequest, ImageBuilder, Log } from '../../ports.ts'
import { runTool, ToolFailed, type ToolRun } from '../child-process.ts'
import { authsForTools } from '../registry/credentials.ts'
import { isDigest } from '../registry/manifest.ts'
import { parseRepository, repositoryText } from '../registry/repository.ts'
import { buildFailureOf, dockerVerdictOf } from './build-failure.ts'
import { buildSecretsIn } from './build-secrets.ts'
import type { BuilderSettings } from './builder-settings.ts'
import { namesOtherFrontend } from './frontend.ts'
import { BUILDKIT_PLACES, LEGACY_PLACES } from './ignore-file.ts'
import { labelFlagsOf } from './image-labels.ts'
import { checkRegistrySettings, type ImageTarget } from './image-target.ts'
import { inTurn } from './in-turn.ts'
import { inputFlagsOf } from './input-flags.ts'
import { type ImageMaker, makingWhatIsMissing } from './reuse.ts'
import type { Source } from './source.ts'
import { tidy } from './tidy.ts'
import { pushFailureOf } from './tool-trouble.ts'
import { answerOf, shortVersionOf } from './tool-version.ts'
import { type WorkFolder, withWorkFolder } from './work-folder.ts'

/** How this docker builds, and what makes it. */
interface Engine {
  readonly env: Readonly<Record<string, string>>
  readonly flags: readonly string[]
}
const BUILDKIT: Engine = { env: { DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' }, flags: [] }
/** It leaves the containers of failed steps behind unless told not to. */
const LEGACY: Engine = { env: { DOCKER_BUILDKIT: '0' }, flags: ['--force-rm'] }

interface Work {
  /** Fills in the command line and environment around docker's arguments. */
  readonly docker: (args: readonly string[]) => Pick<ToolRun, 'command' | 'args' | 'cwd' | 'env'>
  readonly settings: BuilderSettings
  readonly engine: Engine
  readonly folder: WorkFolder
  readonly log: Log
  readonly signal: AbortSignal
}

/** @returns null where there is no docker on the PATH, or no engine that answers it */
export async function findDocker(settings: BuilderSettings): Promise<ImageBuilder | null> {
  const given = { ...settings.env, PATH: settings.path }
  const version = await answerOf('docker', ['version', '--format', '{{.Server.Version}}'], given, settings.workDir)
  if (version === null || version === '') return null
  checkRegistrySettings(settings.registry)
  const engine = await engineOf(given, settings.workDir)
  const server = ['version', '--format', '{{.Server.Os}}/{{.Server.Arch}}']
  const platform = (await answerOf('docker', server, given, settings.workDir)) ?? ''
  const maker: ImageMaker = {
    name: `docker ${shortVersionOf(version)}`,
    kind: engine === LEGACY ? 'docker without BuildKit' : 'docker',
    platformNow: async () => platform,
    places: engine === LEGACY ? LEGACY_PLACES : BUILDKIT_PLACES,
    reading: 'docker',
    seesWholeContext: namesOtherFrontend,
    close: async () => {},
    async make({ request, source, target }, log, signal) {
      const auths = await authsForTools(settings.credentials, target, log, signal)
      return await withWorkFolder(settings.workDir, auths, async (folder) => {
        const docker = dockerIn(folder, settings, engine)
        const work = { docker, settings, engine, folder, log, signal }
        const image = `${repositoryText(target)}:${target.tag}`
        // The push needs the image under its name, which other runs of this commit use too; until then it has its own.
        const own = `localhost/westage/${request.app}:${randomBytes(16).toString('hex')}`
        await build(work, own, request, source)
        return await withoutAfterwards(work, own, () =>
          inTurn(image, () => withoutAfterwards(work, image, () => push(work, own, image, target)), signal),
        )
      })
    },
  }
  const passed = passedConfigOf(settings)
  const credentials = { ...settings.credentials, ...(passed !== null && { authFile: join(passed, 'config.json') }) }
  return makingWhatIsMissing(maker, { ...settings, credentials })
}

/** Removes an image's name, and the image with its last one, whatever comes of `use`. */
async function withoutAfterwards<Result>(
  { docker, log, signal }: Work,
  image: string,
  use: () => Promise<Result>,
): Promise<Result> {
  try {
    return await use()
  } finally {
    await tidy((limits) => runTool({ ...docker(['image', 'rm', image]), ...limits }), signal, log)
  }
}

async function build(
  { docker, settings, engine, folder, log, signal }: Work,
  image: string,
  request: BuildRequest,
  source: Source,
): Promise<void> {
  if (engine === LEGACY && Object.keys(request.secrets).length > 0) {
    throw new Terminal('this docker builds without BuildKit, and so without build secrets: install its buildx plugin', {
      whose: 'operator',
    })
  }
  const secrets = await buildSecretsIn(folder, request.secrets)
  const named = ['--tag', image, '--file', source.dockerfile.path, ...labelFlagsOf(request, settings.webUrl)]
  const inputs = [...inputFlagsOf(request, 'docker'), ...secrets.flags]
  const args = ['build', ...engine.flags, ...named, ...inputs, source.context]
  const onLine = (line: string) => log(secrets.hide(line))
  await runTool({ ...docker(args), timeoutMs: settings.timeoutMs, onLine, signal }).catch((error) => {
    throw buildFailureOf(secrets.hideIn(error), source, dockerVerdictOf)
  })
}

async function push(
  { docker, settings, log, signal }: Work,
  own: string,
  image: string,
  target: ImageTarget,
): Promise<{ repository: string; digest: string }> {
  const { timeoutMs } = settings
  await runTool({ ...docker(['tag', own, image]), timeoutMs, signal })
  const pushed = await runTool({ ...docker(['push', image]), timeoutMs, onLine: (line) => log(line), signal }).catch(
    (error) => {
      throw error instanceof ToolFailed ? pushFailureOf(error, image) : error
    },
  )
  const inspect = docker(['image', 'inspect', '--format', '{{json .RepoDigests}}', image])
  const { stdout } = await runTool({ ...inspect, timeoutMs, signal })
  const digests = digestsIn(stdout, target)
  // The same image may have been pushed there before in another form: the push names the one that it made.
  const digest = digests.find((candidate) => pushed.stdout.includes(candidate)) ?? digests[0]
  if (digest === undefined) throw new Error(`docker pushed ${image} and names no digest`)
  return { repository: repositoryText(target), digest }
}

/** docker writes `team/app@sha256:...` for what is on Docker Hub. Docker: "docker image inspect", RepoDigests. */
function digestsIn(json: string, target: ImageTarget): string[] {
  return z
    .array(z.string())
    .parse(JSON.parse(json))
    .flatMap((text) => {
      const [name = '', digest = ''] = text.split('@')
      return isDigest(digest) && repositoryText(parseRepository(name)) === repositoryText(target) ? [digest] : []
    })
}

/** BuildKit comes with the client before 23.0, later as the buildx plugin. Docker Engine 23.0 release notes. */
async function engineOf(env: Readonly<Record<string, string>>, workDir: string): Promise<Engine> {
  if ((await answerOf('docker', ['buildx', 'version'], env, workDir)) !== null) return BUILDKIT
  const client = await answerOf('docker', ['version', '--format', '{{.Client.Version}}'], env, workDir)
  return Number.parseInt(client ?? '', 10) < 23 ? BUILDKIT : LEGACY
}

/** docker's folder of its own that the caller passed on: it counts where the configuration names no file. */
const passedConfigOf = ({ registry, env }: BuilderSettings): string | null =>
  registry.authFile === null ? (env.DOCKER_CONFIG ?? null) : null

function dockerIn(folder: WorkFolder, settings: BuilderSettings, engine: Engine): Work['docker'] {
  const own = { PATH: settings.path, HOME: folder.home, TMPDIR: folder.temporary, ...engine.env }
  const all = { ...settings.env, ...own, DOCKER_CONFIG: passedConfigOf(settings) ?? dirname(folder.authFile) }
  return (args) => ({ command: 'docker', args, cwd: folder.path, env: all })
}
