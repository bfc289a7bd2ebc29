import { Terminal } from '../domain/errors.ts'
import { textOf } from './json.ts'
import type { Manifest } from './manifest.ts'
import { containersOf, mapContainers } from './pod-templates.ts'
import type { Target, TargetImage } from './target.ts'
import type { Transform } from './transform.ts'

/**
 * Puts the images that were built from this commit, by digest, where the app's own stand.
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
 * else the only one there is. Of several images each is found by its own name instead, alone or after the app's.
 * @throws {Terminal} none is, listing the images there are; two of the app's take the place of the same
 */
export function pinnedImagesOf(manifests: readonly Manifest[], target: Target): ReadonlyMap<string, string> {
  if (target.images.length === 0) return new Map()
  const names = namesIn(manifests, target)
  const taken = new Map<string, TargetImage>()
  for (const image of target.images) {
    for (const name of ownImagesIn(names, image, target)) {
      const other = taken.get(name)
      if (other !== undefined) {
        throw new Terminal(
          `${name} would be replaced by two images of ${target.app}, ${other.name} and ${image.name}: ` +
            'give one of them an `image` of its own',
        )
      }
      taken.set(name, image)
    }
  }
  if (taken.size === 0) throw noneOf(names, target)
  return new Map([...taken].map(([name, { built }]) => [name, `${built.repository}@${built.digest}`]))
}

/** What is to be known of images that were built for nothing, one sentence each. */
export function unusedImages(manifests: readonly Manifest[], target: Target): readonly string[] {
  const names = namesIn(manifests, target)
  return target.images
    .filter((image) => ownImagesIn(names, image, target).length === 0)
    .map(
      (image) => `the image ${image.name} is built and not used: ${missing(image, target)}; found: ${names.join(', ')}`,
    )
}

function noneOf(names: readonly string[], target: Target): Terminal {
  const { app, images } = target
  const found = names.length === 0 ? 'there is no image in its manifests' : `found: ${names.join(', ')}`
  const [image, ...others] = images
  if (image === undefined || image.name !== null || others.length > 0) {
    const words = images.map((each) => `${each.name}: ${missing(each, target)}`)
    return new Terminal(`no container runs an image that is built for ${app}; ${[...words, found].join('; ')}`)
  }
  if (image.replaces !== null) {
    return new Terminal(
      `no container runs ${image.replaces}, which westage.yaml gives as the \`image\` of ${app}; ${found}`,
    )
  }
  return new Terminal(
    `can't tell which image is built from the Dockerfile of ${app}: ${missing(image, target)}; ` +
      `${found}. Set \`image\` for ${app} in westage.yaml`,
  )
}

const missing = (image: TargetImage, target: Target): string =>
  image.replaces === null
    ? `none is called ${callings(image, target).join(' or ')}`
    : `no container runs ${image.replaces}`

const namesIn = (manifests: readonly Manifest[], target: Target): readonly string[] =>
  [
    ...new Set(
      manifests
        .flatMap((manifest) => containersOf(manifest, target.podTemplates))
        .map((container) => imageNameOf(textOf(container.image))),
    ),
  ]
    .filter((name) => name !== '')
    .sort()

function ownImagesIn(names: readonly string[], image: TargetImage, target: Target): readonly string[] {
  const { replaces } = image
  if (replaces !== null) return names.filter((name) => canonical(name) === canonical(imageNameOf(replaces)))
  for (const wanted of callings(image, target)) {
    const called = names.filter((name) => name.slice(name.lastIndexOf('/') + 1).toLowerCase() === wanted)
    if (called.length > 0) return called
  }
  return image.name === null && names.length === 1 ? names : []
}

/** What an image may be called, the first one first. */
function callings({ name }: TargetImage, { app, repository }: Target): readonly string[] {
  const ofApp = [app, repository.name.slice(repository.name.indexOf('/') + 1).toLowerCase()]
  const all = name === null ? ofApp : [...ofApp.map((whose) => `${whose}-${name}`), name]
  return [...new Set(all)]
}

/** An image reference without tag and digest: `host:port/path:tag@digest` (distribution, reference grammar). */
export const imageNameOf = (image: string): string => {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

/** Docker Hub's images have short names and long ones (distribution, reference normalisation). */
const canonical = (name: string): string => name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
