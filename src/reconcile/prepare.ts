/**
 * Prepare: the half of a run that touches what comes from a pull request. It holds no credentials for the GitOps repo
 * or the cluster, and what it hands on has been parsed and printed again.
 */
import { join } from 'node:path'
import type { BuiltImage } from '../domain/image.ts'
import { type Bundle, bundleOf } from '../manifests/bundle.ts'
import { parseManifests } from '../manifests/parse.ts'
import type { Target } from '../manifests/target.ts'
import { logLines } from '../manifests/told.ts'
import type { Archives, ImageBuilder, Kustomize, Log, Unpacker, Workspaces } from '../ports.ts'
import type { AppSettings } from './settings.ts'
import type { RunStep } from './steps.ts'
import { together } from './together.ts'

export interface PreparePorts {
  readonly archives: Archives
  readonly unpacker: Unpacker
  readonly kustomize: Kustomize
  readonly builder: ImageBuilder
  readonly workspaces: Workspaces
}

export interface PrepareRequest {
  readonly app: AppSettings
  readonly target: Omit<Target, 'image'>
  /** Top folders in which a kustomize folder may be: enough of the archive where nothing is built from it. */
  readonly renderRoots: readonly string[]
}

/**
 * From a commit to a bundle: fetch, build, render, transform.
 * @throws {Terminal} the author's archive, Dockerfile, kustomize folder or manifests, or the operator's registry
 * @throws {NotReady} the image that CI pushes is not there yet
 */
export async function prepare(
  { app, target, renderRoots }: PrepareRequest,
  { archives, unpacker, kustomize, builder, workspaces }: PreparePorts,
  step: RunStep,
  signal: AbortSignal,
): Promise<Bundle> {
  const build = (root: string, stop: AbortSignal) => buildStep(app, target, builder, root, step, stop)
  // An image that is made elsewhere may take CI many minutes: ask for it before anything is fetched.
  const elsewhere = builder.needsSource ? null : await build('', signal)
  await using workspace = await workspaces.open()
  const unpack = async (into: string, only: readonly string[] | 'everything', log: Log) => {
    await unpacker.unpack(await archives.tarball(target.repository.id, target.sha, signal), into, only, log, signal)
    return into
  }
  const roots = builder.needsSource || renderRoots.includes('.') ? 'everything' : renderRoots
  const root = await step(
    'fetch',
    (log) => unpack(join(workspace.path, 'repo'), roots, log),
    () => `archive of ${target.sha.slice(0, 7)}`,
  )

  const render = (stop: AbortSignal) =>
    step(
      'render',
      async (log) => {
        const folder = await kustomize.folderOf(root, app.folder)
        const { missing } = await kustomize.scan(root, folder)
        let whole = root
        if (missing.length > 0 && roots !== 'everything') {
          log(`${folder} refers to ${missing.join(', ')}: fetching the whole repo`)
          whole = await unpack(join(workspace.path, 'whole'), 'everything', log)
          await kustomize.scan(whole, folder)
        }
        log(`${kustomize.version} build ${folder}`)
        return { folder, yaml: await kustomize.build(whole, folder, log, stop) }
      },
      ({ folder }) => folder,
      stop,
    )
  const [built, { yaml }] = builder.needsSource
    ? await together<[BuiltImage | null, { folder: string; yaml: string }]>(signal, [
        (stop) => build(root, stop),
        render,
      ])
    : [elsewhere, await render(signal)]

  // Awaited here: the folder is put away afterwards, and a failure must not be on its own meanwhile.
  return await step(
    'transform',
    async (log) => {
      const manifests = parseManifests(yaml)
      const image = built === null ? null : { built, replaces: app.image }
      const bundle = bundleOf(manifests, { ...target, image }, [], (told) => {
        for (const line of logLines(told)) log(line)
      })
      log(`${manifests.length} objects rendered, ${bundle.manifests.length} in the preview`)
      return bundle
    },
    ({ manifests }) => `${manifests.length} objects`,
  )
}

const buildStep = (
  app: AppSettings,
  target: Omit<Target, 'image'>,
  builder: ImageBuilder,
  root: string,
  step: RunStep,
  signal: AbortSignal,
): Promise<BuiltImage | null> =>
  step(
    'build',
    (log) =>
      builder.build(
        {
          app: app.name,
          repository: target.repository.name,
          pull: target.pull.number,
          sha: target.sha,
          root,
          context: app.context,
          dockerfile: app.dockerfile,
        },
        log,
        signal,
      ),
    (built) =>
      built === null ? `no image is built (builder: ${builder.name})` : `${built.repository}@${built.digest}`,
    signal,
  )
