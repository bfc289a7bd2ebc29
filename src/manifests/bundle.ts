import { Terminal } from '../domain/errors.ts'
import type { Preview } from '../domain/preview.ts'
import { exposedUrlsOf } from './exposed-hosts.ts'
import { fileNamesOf } from './file-names.ts'
import type { Manifest } from './manifest.ts'
import { pinnedImagesOf } from './pin-images.ts'
import { printPreview } from './preview-file.ts'
import { printManifest } from './print.ts'
import type { Target } from './target.ts'
import { adaptations, admissions, transformed } from './transforms.ts'

/** What prepare hands to publish: manifests that were read and will be printed again, and what preview.yaml says of them. */
export interface Bundle {
  /** File name below `manifests/` -> manifest */
  readonly manifests: ReadonlyMap<string, Manifest>
  readonly hosts: readonly string[]
  /** The first host's URL, '' where the preview is not exposed. */
  readonly url: string
  /** Image name in the app's own manifests -> the reference by digest that replaced it. */
  readonly images: Readonly<Record<string, string>>
}

/** An app's manifests made into a preview's. @throws {Terminal} as each transform; where nothing is left */
export function bundleOf(manifests: readonly Manifest[], target: Target): Bundle {
  const admitted = transformed(manifests, target, admissions)
  if (admitted.length === 0)
    throw new Terminal('nothing is left to preview: there are only namespaces, their rules, and deletion hooks')
  const adapted = transformed(admitted, target, adaptations)
  const exposed = exposedUrlsOf(adapted, target)
  return {
    manifests: fileNamesOf(adapted),
    hosts: exposed.map(({ host }) => host),
    url: exposed[0]?.url ?? '',
    images: Object.fromEntries(pinnedImagesOf(admitted, target)),
  }
}

/** Path below the preview's folder -> text. @throws {Terminal} (operator) `preview` is not what preview.yaml may say */
export const folderFilesOf = (bundle: Bundle, preview: Preview): ReadonlyMap<string, string> =>
  new Map([
    ['preview.yaml', printPreview(preview)],
    ...[...bundle.manifests].map(([file, manifest]): [string, string] => [
      `manifests/${file}`,
      printManifest(manifest),
    ]),
  ])
