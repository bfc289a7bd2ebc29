import { Terminal } from '../domain/errors.ts'
import { textOf } from './json.ts'
import type { Manifest } from './manifest.ts'
import { containersOf, mapContainers } from './pod-templates.ts'
import type { Target } from './target.ts'
import type { Transform } from './transform.ts'

/**
 * Puts the image that was built from this commit, by digest, where the app's own image stands.
 * @throws {Terminal} as `pinnedImagesOf`
 */
export const pinImages: Transform = (manifests, target) => {
  const pinned = pinnedImagesOf(manifests, target)
  return manifests.map((manifest) =>
    mapContainers(
      manifest,
      (container) => {
        const image = pinned.get(imageNameOf(textOf(container.image)))
        return image === undefined ? container : { ...container, image }
      },
      target.podTemplates,
    ),
  )
}

/**
 * Image name in the manifests -> the reference by digest that takes its place; empty where nothing was built. Which one
 * is the app's own: the one that `image` names, else those whose last segment is the app's name, or else the repo's,
 * else the only one there is.
 * @throws {Terminal} none is, listing the images there are
 */
export function pinnedImagesOf(manifests: readonly Manifest[], target: Target): ReadonlyMap<string, string> {
  const { image, app } = target
  if (image === null) return new Map()
  const names = [
    ...new Set(
      manifests
        .flatMap((manifest) => containersOf(manifest, target.podTemplates))
        .map((container) => imageNameOf(textOf(container.image))),
    ),
  ]
    .filter((name) => name !== '')
    .sort()
  const own = ownImagesIn(names, target)
  const found = names.length === 0 ? 'there is no image in its manifests' : `found: ${names.join(', ')}`
  if (own.length === 0 && image.replaces !== null) {
    throw new Terminal(
      `no container runs ${image.replaces}, which westage.yaml gives as the \`image\` of ${app}; ${found}`,
    )
  }
  if (own.length === 0) {
    throw new Terminal(
      `can't tell which image is built from the Dockerfile of ${app}: none is called ${namesOf(target).join(' or ')}; ` +
        `${found}. Set \`image\` for ${app} in westage.yaml`,
    )
  }
  const reference = `${image.built.repository}@${image.built.digest}`
  return new Map(own.map((name) => [name, reference]))
}

function ownImagesIn(names: readonly string[], target: Target): readonly string[] {
  const replaces = target.image?.replaces ?? null
  if (replaces !== null) return names.filter((name) => canonical(name) === canonical(imageNameOf(replaces)))
  for (const wanted of namesOf(target)) {
    const called = names.filter((name) => name.slice(name.lastIndexOf('/') + 1).toLowerCase() === wanted)
    if (called.length > 0) return called
  }
  return names.length === 1 ? names : []
}

const namesOf = ({ app, repository }: Target): readonly string[] => [
  ...new Set([app, repository.name.slice(repository.name.indexOf('/') + 1).toLowerCase()]),
]

/** An image reference without tag and digest: `host:port/path:tag@digest` (distribution, reference grammar). */
export const imageNameOf = (image: string): string => {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

/** Docker Hub's images have short names and long ones (distribution, reference normalisation). */
const canonical = (name: string): string => name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
