/** What buildctl is told of one build, wherever it runs. */
import { basename } from 'node:path'
import type { BuildRequest } from '../../ports.ts'
import { repositoryText } from '../registry/repository.ts'
import type { BuilderSettings } from './builder-settings.ts'
import type { BuildKitSettings } from './buildkit-settings.ts'
import { frontendOf } from './frontend.ts'
import { labelsOf } from './image-labels.ts'
import { type ImageTarget, imageTargetOf } from './image-target.ts'
import type { BuildOrder } from './reuse.ts'
import type { Source } from './source.ts'

type Layers = Pick<BuildKitSettings, 'cacheTag' | 'frontends'>

/** Where buildctl finds what it hands to buildkitd. */
export interface BuildFolders {
  readonly context: string
  /** The folder that the Dockerfile is in. */
  readonly dockerfile: string
}

/**
 * The arguments from `build` on, but for where metadata goes and for secrets.
 * @throws {Terminal} (author) `# syntax=` names a frontend that is not allowed
 */
export function buildFlagsOf(
  { request, source, target }: Pick<BuildOrder, 'request' | 'source' | 'target'>,
  settings: BuilderSettings,
  layers: Layers,
  folders: BuildFolders,
): string[] {
  return [
    ...['build', '--progress', 'plain'],
    ...sourceFlagsOf(source, layers, folders),
    ...inputOptionsOf(request),
    ...labelsOf(request, settings.webUrl).flatMap((label) => ['--opt', `label:${label}`]),
    ...cacheFlagsOf(settings, cacheTargetOf(settings, layers, request)),
    ...['--output', attributes({ type: 'image', name: nameOf(target), push: 'true', ...insecure(settings) })],
  ]
}

/** As it is pushed, with its tag. */
export const nameOf = (target: ImageTarget): string => `${repositoryText(target)}:${target.tag}`

/** BuildKit, frontend/dockerfile/builder/build.go: with `cmdline` the frontend takes it that `# syntax=` was followed. */
function sourceFlagsOf(source: Source, { frontends }: Layers, folders: BuildFolders): string[] {
  const builtIn = frontendOf(source, frontends) === 'built in' ? ['--opt', 'cmdline=dockerfile.v0'] : []
  return [
    ...['--frontend', 'dockerfile.v0', '--opt', `filename=${basename(source.dockerfile.path)}`, ...builtIn],
    ...['--local', `context=${folders.context}`, '--local', `dockerfile=${folders.dockerfile}`],
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
export function cacheTargetOf(
  { registry }: BuilderSettings,
  { cacheTag }: Layers,
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
