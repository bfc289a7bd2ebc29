/**
 * Prepare: the half of a run that touches what comes from a pull request. It holds no credentials for the GitOps repo
 * or the cluster, and what it hands on has been parsed and printed again.
 */
import { join } from 'node:path'
import { promisedBy, type Wanted } from '../addons/catalogue.ts'
import type { Target, TargetImage } from '../manifests/target.ts'
import type { PolicyContext } from '../policy/rule.ts'
import type { Archives, ImageBuilder, Kustomize, Log, RepoFiles, Unpacker, Workspaces } from '../ports.ts'
import { APP_FILE, choicesOf, parseAppFile, unknownApps } from '../settings/app-file.ts'
import type { AppChoices } from '../settings/app-file-schema.ts'
import { type Adapted, adapted, addonsOf, tellLog } from './adapted.ts'
import { type BuildImages, buildImages, type MadeImage } from './build-images.ts'
import { chosenApp } from './chosen-app.ts'
import type { AddonRules, AppSettings } from './settings.ts'
import type { RunStep } from './steps.ts'
import { together } from './together.ts'

/** What the half of it needs that takes the archive apart. */
export interface BundlePorts {
  readonly archives: Archives
  readonly unpacker: Unpacker
  readonly files: RepoFiles
  readonly kustomize: Kustomize
  readonly workspaces: Workspaces
}

export interface PreparePorts extends BundlePorts {
  readonly builder: ImageBuilder
}

/** Where the images come from. */
export type ImageSource =
  /** None where this instance builds no images. */
  | { readonly kind: 'made'; readonly images: readonly MadeImage[] }
  /** Runs the build step on the unpacked repo. */
  | { readonly kind: 'repo'; readonly build: BuildImages }

export interface PrepareRequest {
  readonly app: AppSettings
  readonly target: Omit<Target, 'images'>
  /** Top folders in which a kustomize folder may be: enough of the archive where nothing is built from it. */
  readonly renderRoots: readonly string[]
  readonly policy: PolicyContext
  readonly addons: AddonRules
}

/** What prepare hands to publish. */
export interface Prepared extends Adapted {
  /** What the author chose; publish holds it against what the instance allows once more. */
  readonly choices: AppChoices
  /** Texts of the files of the repo that the add-ons are filled with, by path. */
  readonly files: ReadonlyMap<string, string>
}

/** Longer than any that a person writes. */
const APP_FILE_MAX_BYTES = 64 * 1024
/** Kubernetes: ConfigMaps hold 1 MiB. */
const SEED_MAX_BYTES = 1024 * 1024

/**
 * From a commit to a bundle: fetch, build, render, transform.
 * @throws {Terminal} the author's archive, `.westage.yaml`, Dockerfile, kustomize folder or manifests, what the policy
 * does not permit, or the operator's registry
 * @throws {NotReady} an image that CI pushes is not there yet
 */
export async function prepare(
  request: PrepareRequest,
  { builder, ...ports }: PreparePorts,
  step: RunStep,
  signal: AbortSignal,
): Promise<Prepared> {
  return await bundled(request, ports, await imageSourceOf(request, builder, step, signal), step, signal)
}

/** Images that are made elsewhere may take CI many minutes: they are asked for before the archive is fetched. */
export async function imageSourceOf(
  { app, target }: PrepareRequest,
  builder: ImageBuilder,
  step: RunStep,
  signal: AbortSignal,
): Promise<ImageSource> {
  const build: BuildImages = (wanted, root, stop) => buildImages(wanted, root, target, builder, step, stop)
  return builder.needsSource ? { kind: 'repo', build } : { kind: 'made', images: await build(app.images, '', signal) }
}

/** Where in the workspace the repo is unpacked to; the whole of it, where images are built from it. */
export const REPO_FOLDER = 'repo'

/** Everything but the images. @throws as `prepare` */
export async function bundled(
  request: PrepareRequest,
  { archives, unpacker, files, kustomize, workspaces }: BundlePorts,
  images: ImageSource,
  step: RunStep,
  signal: AbortSignal,
): Promise<Prepared> {
  const { app, target, renderRoots } = request
  await using workspace = await workspaces.open()
  const unpack = async (into: string, only: readonly string[] | 'everything', log: Log) => {
    await unpacker.unpack(await archives.tarball(target.repository.id, target.sha, signal), into, only, log, signal)
    return into
  }
  const wholeIn = (log: Log) => unpack(join(workspace.path, 'whole'), 'everything', log)
  const isWhole = images.kind === 'repo' || renderRoots.includes('.')
  const fetched = await step(
    'fetch',
    async (log) => {
      const only = isWhole ? 'everything' : [...renderRoots, APP_FILE]
      const root = await unpack(join(workspace.path, REPO_FOLDER), only, log)
      const text = await files.text(root, APP_FILE, APP_FILE_MAX_BYTES)
      const file = parseAppFile(text ?? '')
      const choices = choicesOf(file, app.name)
      const unknown = unknownApps(file, app.appsOfRepo)
      const wanted = addonsOf(app, choices, request.addons)
      const needsMore =
        promisedBy(wanted).seedFiles.length > 0 || (choices.folder !== null && !isWithin(choices.folder, renderRoots))
      const isPartial = !isWhole && needsMore
      if (isPartial) log(`${APP_FILE} names more of the repo: fetching the whole of it`)
      const source = isPartial ? await wholeIn(log) : root
      return { source, isAll: isWhole || isPartial, hasFile: text !== null, choices, unknown, wanted }
    },
    ({ hasFile }) => `archive of ${target.sha.slice(0, 7)}${hasFile ? `, ${APP_FILE}` : ''}`,
  )
  const { choices, unknown, wanted, source } = fetched
  const own = chosenApp(app, choices)

  const render = (stop: AbortSignal) =>
    step(
      'render',
      async (log) => {
        const folder = await kustomize.folderOf(source, own.folder)
        const { missing } = await kustomize.scan(source, folder)
        let whole = source
        if (missing.length > 0 && !fetched.isAll) {
          log(`${folder} refers to ${missing.join(', ')}: fetching the whole repo`)
          whole = await wholeIn(log)
          await kustomize.scan(whole, folder)
        }
        log(`${kustomize.version} build ${folder}`)
        return { folder, yaml: await kustomize.build(whole, folder, log, stop) }
      },
      ({ folder }) => folder,
      stop,
    )
  const [made, { yaml }] =
    images.kind === 'repo'
      ? await together<[readonly MadeImage[], { folder: string; yaml: string }]>(signal, [
          (stop) => images.build(own.images, source, stop),
          render,
        ])
      : [images.images, await render(signal)]

  // Awaited here: the folder is put away afterwards, and a failure must not be on its own meanwhile.
  return await step(
    'transform',
    async (log) => {
      const all = { ...target, images: targetImagesOf(own, made) }
      const { bundle, notices } = adapted(yaml, { ...request, target: all }, choices, tellLog(log))
      return { bundle, notices: [...unknown, ...notices], choices, files: await seedsOf(wanted, source, files) }
    },
    ({ bundle }) => `${bundle.manifests.length} objects`,
  )
}

/** @throws {Error} CI makes the images, and one of these was not waited for */
function targetImagesOf({ name: app, images }: AppSettings, made: readonly MadeImage[]): readonly TargetImage[] {
  if (made.length === 0) return []
  return images.map(({ name, replaces }) => {
    const built = made.find((each) => each.name === name)
    if (built !== undefined) return { name, replaces, built: built.image }
    throw new Error(`${APP_FILE} names the image ${name} of ${app}, and read by itself at this commit it did not`)
  })
}

const isWithin = (folder: string, roots: readonly string[]): boolean =>
  roots.some((root) => folder === root || folder.startsWith(`${root}/`))

/** Files that are not there are told by the add-on that wants them. */
export async function seedsOf(wanted: Wanted, root: string, files: RepoFiles): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const path of promisedBy(wanted).seedFiles) {
    const text = await files.text(root, path, SEED_MAX_BYTES)
    if (text !== null) texts.set(path, text)
  }
  return texts
}
