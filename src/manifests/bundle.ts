import { Terminal } from '../domain/errors.ts'
import type { Manifest } from './manifest.ts'
import { pinnedImagesOf } from './pin-images.ts'
import type { Target } from './target.ts'
import type { ListedTransform } from './transform.ts'
import { adaptations, admissions, type Told, transformed } from './transforms.ts'

/** An app's own objects as they are in its preview: what prepare hands to publish, parsed and to be printed again. */
export interface Bundle {
  /** The preview's Namespace is the first. */
  readonly manifests: readonly Manifest[]
  /** Image name in the app's own manifests -> the reference by digest that replaced it. */
  readonly images: Readonly<Record<string, string>>
}

/**
 * An app's manifests made into a preview's.
 * @param more transforms of this preview alone, which come last
 * @param tell is told what each transform changed
 * @throws {Terminal} as each transform; where nothing is left
 */
export function bundleOf(
  manifests: readonly Manifest[],
  target: Target,
  more: readonly ListedTransform[] = [],
  tell: (told: Told) => void = () => {},
): Bundle {
  const admitted = transformed(manifests, target, admissions, tell)
  if (admitted.length === 0)
    throw new Terminal('nothing is left to preview: there are only namespaces, their rules, and deletion hooks')
  return {
    manifests: transformed(admitted, target, [...adaptations, ...more], tell),
    images: Object.fromEntries(pinnedImagesOf(admitted, target)),
  }
}
