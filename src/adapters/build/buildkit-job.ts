/** Builds each image in a Kubernetes Job of its own, by a BuildKit that is there for that build alone. */
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import type { BuiltImage } from '../../domain/image.ts'
import type { ImageBuilder, Log } from '../../ports.ts'
import { ToolFailed, ToolTimedOut } from '../child-process.ts'
import type { JobEnd, Jobs } from '../kubernetes-jobs/jobs.ts'
import { type Auths, authsForTools, readCredentials } from '../registry/credentials.ts'
import { isDigest, manifestDigest } from '../registry/manifest.ts'
import { repositoryText } from '../registry/repository.ts'
import { buildFailureOf, dockerVerdictOf } from './build-failure.ts'
import { buildFlagsOf, cacheTargetOf, nameOf } from './build-flags.ts'
import { type ReadSecrets, readBuildSecrets } from './build-secrets.ts'
import type { BuilderSettings } from './builder-settings.ts'
import { buildkitFailureOf } from './buildkit-failure.ts'
import { type BuildPodSettings, buildPod, CONTAINERS, POD_PLACES, SECRET_KEYS } from './buildkit-pod.ts'
import type { BuildKitSettings } from './buildkit-settings.ts'
import { registryConfigOf } from './buildkitd-config.ts'
import { contextArchive } from './context-archive.ts'
import { namesOtherFrontend } from './frontend.ts'
import type { HandedContexts } from './handed-contexts.ts'
import { BUILDKIT_PLACES } from './ignore-file.ts'
import { checkRegistrySettings, type ImageTarget } from './image-target.ts'
import { type BuildOrder, type ImageMaker, makingWhatIsMissing } from './reuse.ts'

export interface BuildJobSettings extends Pick<BuildKitSettings, 'cacheTag' | 'frontends'> {
  readonly pod: BuildPodSettings
  readonly jobs: Jobs
  readonly contexts: HandedContexts
}

/** BuildKit, "Image output", what the exporter answers. */
const MetadataSchema = z.object({ 'containerimage.digest': z.string().refine(isDigest) })

const KIND = 'buildkit'
const READING = 'docker'
/** Of a log, what a failure is read from. */
const KEPT_LINES = 5_000
const TAIL_LINES = 40

/** Asks nothing of the cluster yet. @throws {Terminal} (operator) the registry's settings are wrong */
export function buildKitJobs(settings: BuilderSettings, job: BuildJobSettings): ImageBuilder {
  checkRegistrySettings(settings.registry)
  cacheTargetOf(settings, job, { app: 'app', image: null, pull: 1, sha: '0'.repeat(40) })
  const maker: ImageMaker = {
    name: `${KIND} in Jobs, ${job.pod.image}`,
    kind: KIND,
    platformNow: async () => platformText(job.pod),
    places: BUILDKIT_PLACES,
    reading: READING,
    seesWholeContext: namesOtherFrontend,
    close: async () => {},
    make: (order, log, signal) => buildAndPush(order, settings, job, log, signal),
  }
  return makingWhatIsMissing(maker, settings)
}

async function buildAndPush(
  order: BuildOrder,
  settings: BuilderSettings,
  job: BuildJobSettings,
  log: Log,
  signal: AbortSignal,
): Promise<BuiltImage> {
  const { request, target } = order
  const { app, repository, pull, sha } = request
  const flags = buildFlagsOf(order, settings, job, POD_PLACES)
  const auths = await authsForTools(settings.credentials, target, log, signal)
  const secrets = await readBuildSecrets(request.secrets)
  const names = [...secrets.contents.keys()]
  const args = [...flags, ...names.flatMap((name) => ['--secret', `id=${name},src=${POD_PLACES.secret(name)}`])]
  const said: string[] = []
  const onLine = (line: string) => {
    const shown = secrets.hide(line)
    said.push(shown)
    if (said.length > 2 * KEPT_LINES) said.splice(0, KEPT_LINES)
    log(shown)
  }
  /** Of each Job that is made, one. */
  const offers: { withdraw(): void }[] = []
  try {
    const end = await job.jobs.run(
      ({ secret }) => {
        const offer = job.contexts.offer((stop) => contextArchive(order, READING, stop))
        offers.push(offer)
        // What one that was lost said is of no account.
        said.splice(0)
        return {
          kind: 'build',
          work: nameOf(target),
          about: { app, repository, pull, sha },
          pod: buildPod(job.pod, platformOf(job.pod), secret, args, names),
          secret: secretOf(offer.token, auths, settings, target, secrets),
          deadlineMs: settings.timeoutMs,
        }
      },
      onLine,
      signal,
    )
    if (end.kind !== 'done') throw failureOf(end, said, order, settings, secrets)
    const digest = digestIn(end.messages[CONTAINERS.build] ?? '')
    return { repository: repositoryText(target), digest: await confirmed(digest, target, settings, signal) }
  } finally {
    for (const offer of offers) offer.withdraw()
  }
}

function secretOf(
  token: string,
  auths: Auths,
  { registry }: BuilderSettings,
  target: ImageTarget,
  { contents }: ReadSecrets,
): Record<string, string | Buffer> {
  return {
    [SECRET_KEYS.token]: token,
    [SECRET_KEYS.auth]: JSON.stringify({ auths }),
    [SECRET_KEYS.daemon]: registryConfigOf(registry, target, POD_PLACES.authority),
    [SECRET_KEYS.authority]: registry.authority?.pem ?? '',
    ...Object.fromEntries([...contents].map(([name, bytes]) => [`${SECRET_KEYS.build}${name}`, bytes])),
  }
}

/** @throws {Error} the pod said none */
function digestIn(message: string): string {
  const metadata = MetadataSchema.safeParse(jsonIn(message))
  if (!metadata.success) throw new Error('the Job is done, and its pod told no digest of the image')
  return metadata.data['containerimage.digest']
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What a pod says is believed where the registry has it so. */
async function confirmed(
  digest: string,
  target: ImageTarget,
  { registry, credentials: source }: BuilderSettings,
  signal: AbortSignal,
): Promise<string> {
  const credentials = await readCredentials(source, target, signal)
  const there = await manifestDigest({ ...target, reference: target.tag }, { ...registry, credentials }, signal)
  if (there === digest) return digest
  throw new Error(`${nameOf(target)} is ${there ?? 'not'} in the registry, and its build said ${digest}`)
}

/** Whose it is that a Job did not build the image. */
function failureOf(
  end: Exclude<JobEnd, { kind: 'done' }>,
  said: readonly string[],
  { source, target }: BuildOrder,
  { timeoutMs }: BuilderSettings,
  secrets: ReadSecrets,
): unknown {
  const details = said.slice(-TAIL_LINES)
  if (end.kind === 'lost') return new Error(`the Job of the build was lost: ${end.why}`)
  if (end.kind === 'late') {
    return buildFailureOf(
      new ToolTimedOut(`its Job took longer than ${timeoutMs / 1000} s`, details),
      source,
      dockerVerdictOf,
    )
  }
  const message = secrets.hide(end.message.trim())
  if (end.container === CONTAINERS.fetch) return new Error(`the pod could not fetch the build context: ${message}`)
  if (/^OOMKilled\b/.test(message)) {
    const told = `the build of ${source.dockerfile.name} needs more memory than buildkit.job.resources gives it`
    return new Terminal(told, { whose: 'operator', details })
  }
  if (/^Usage of EmptyDir volume/.test(message)) {
    const told = `the build of ${source.dockerfile.name} needs more disk than buildkit.job.diskSize gives it: ${message}`
    return new Terminal(told, { whose: 'operator', details })
  }
  const kept = said.slice(-KEPT_LINES)
  // Where the log could not be read to its end, its end is the pod's message.
  const lines = kept.some((line) => line.startsWith('error: ')) ? kept : [...kept, ...message.split('\n')]
  const failed = new ToolFailed('buildctl', end.exitCode, null, '', lines.join('\n'), details)
  return buildkitFailureOf(failed, source, nameOf(target), 'its Job')
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Of nodes that builds run on; where settings say nothing, that of WeStage's own. */
const platformOf = ({ nodeSelector }: BuildPodSettings) => ({
  os: 'linux',
  architecture: nodeSelector['kubernetes.io/arch'] ?? ARCHITECTURES[process.arch] ?? process.arch,
})

const platformText = (pod: BuildPodSettings): string => `${platformOf(pod).os}/${platformOf(pod).architecture}`
