/** What the service makes of a repo, made of a folder on this machine by the same functions. Nothing is fetched or built. */
import { tmpdir } from 'node:os'
import { repoFiles } from '../adapters/archive/repo-files.ts'
import { findKustomize } from '../adapters/kustomize/find-kustomize.ts'
import { seedOf } from '../addons/passwords.ts'
import type { Config } from '../config/schema.ts'
import { settingsOf } from '../config/settings-of.ts'
import { toolEnvironmentOf } from '../config/tool-environment.ts'
import { Terminal } from '../domain/errors.ts'
import type { Pull } from '../domain/pull.ts'
import { folderFilesOf } from '../manifests/compose.ts'
import { parseManifests } from '../manifests/parse.ts'
import { pinnedImagesOf, unusedImages } from '../manifests/pin-images.ts'
import type { Target } from '../manifests/target.ts'
import type { Told } from '../manifests/transforms.ts'
import type { CommonFiles } from '../ports.ts'
import { adapted, addonsOf } from '../reconcile/adapted.ts'
import { chosenApp } from '../reconcile/chosen-app.ts'
import { completed } from '../reconcile/completed.ts'
import { previewOf, requestOf } from '../reconcile/deploy.ts'
import { seedsOf } from '../reconcile/prepare.ts'
import type { ImageSettings } from '../reconcile/settings.ts'
import { APP_FILE, choicesOf, parseAppFile, unknownApps } from '../settings/app-file.ts'
import type { RenderedPlace } from './rendered-place.ts'

const MB = 1024 * 1024
const APP_FILE_MAX_BYTES = 64 * 1024
/** Add-ons have passwords, which a service derives from a secret of its own: these are nobody's. */
const THROWAWAY_SECRET = 'not a secret: westage render derives passwords from this text'

/** What a service would have read from GitHub and the GitOps repo. */
export interface LocalRequest {
  readonly place: RenderedPlace
  readonly app: string
  readonly pull: Pull
  readonly slug: string
  readonly common: CommonFiles
  readonly config: Config
}

export interface LocalPreview {
  /** Path below the preview's folder -> text */
  readonly files: ReadonlyMap<string, string>
  /** What the Check would say beside. */
  readonly notices: readonly string[]
  /** What each transform changed. */
  readonly told: readonly Told[]
  /** Whether some of the files hold passwords that a service would have made otherwise. */
  readonly hasThrowawayPasswords: boolean
}

/**
 * @throws {Terminal} as prepare and publish do
 * @throws {KustomizeMissing} neither kustomize nor kubectl is on this machine
 */
export async function localPreview(request: LocalRequest, signal: AbortSignal): Promise<LocalPreview> {
  const { pull, slug, common, config } = request
  const { root } = request.place
  const settings = settingsOf(config, { addonSecret: null })
  const app = settings.appOf(pull.repository.name, request.app)
  if (app === null) {
    throw new Terminal(`${pull.repository.name} has no app ${request.app}: name one that apps: has for it, or --repo`, {
      whose: 'operator',
    })
  }
  const key = { repositoryId: pull.repository.id, pull: pull.number, app: request.app }
  const { target, policy, addons } = requestOf(key, pull, app, slug, common, settings)
  const { render } = config
  const kustomize = await findKustomize(
    {
      workDir: tmpdir(),
      path: toolEnvironmentOf().path,
      folders: render.folders,
      timeoutMs: render.timeout,
      maxMemoryMb: render.maxMemoryMb,
      maxOutputBytes: render.maxOutputMb * MB,
    },
    signal,
  )
  const appFile = parseAppFile((await repoFiles.text(root, APP_FILE, APP_FILE_MAX_BYTES)) ?? '')
  const choices = choicesOf(appFile, app.name)
  const wanted = addonsOf(app, choices, addons)
  const folder = await kustomize.folderOf(root, request.place.folder ?? choices.folder ?? app.folder)
  await kustomize.scan(root, folder)
  const yaml = await kustomize.build(root, folder, () => {}, signal)
  const isBuilt = config.builder !== 'none' || choices.images !== null
  const unused = isBuilt ? unusedOf(chosenApp(app, choices).images, yaml, target) : []
  const told: Told[] = []
  const own = { app, target: { ...target, images: [] }, policy, addons }
  const made = adapted(yaml, own, choices, (one) => told.push(one))
  const files = await seedsOf(wanted, root, repoFiles)
  const isDerived = config.addons.passwords === 'derived'
  const { content, notices } = completed(made, {
    ...own,
    ...{ guards: settings.guards, wanted, files, common: common.files },
    seed: isDerived ? seedOf(THROWAWAY_SECRET, key) : null,
    kinds: null,
  })
  const preview = previewOf(key, pull, { ...made, choices, files }, content, common.id, slug, settings)
  return {
    files: folderFilesOf(content.files, preview),
    notices: [...unknownApps(appFile, app.appsOfRepo), ...unused, ...notices],
    told,
    hasThrowawayPasswords: isDerived && Object.keys(wanted).length > 0,
  }
}

/** Nothing is built here: in the place of the images stands what no container is given. */
const NOT_BUILT = { repository: 'not-built', digest: '' }

/**
 * What a service would say of images that it builds for nothing.
 * @throws {Terminal} as `pinnedImagesOf`
 */
function unusedOf(images: readonly ImageSettings[], yaml: string, target: Omit<Target, 'images'>): readonly string[] {
  const built = images.map(({ name, replaces }) => ({ name, replaces, built: NOT_BUILT }))
  const [manifests, all] = [parseManifests(yaml), { ...target, images: built }]
  pinnedImagesOf(manifests, all)
  return unusedImages(manifests, all)
}
