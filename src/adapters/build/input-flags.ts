import { Terminal } from '../../domain/errors.ts'
import type { BuildInputs } from '../../domain/image.ts'

/**
 * The flags by which docker and buildah take what an image is built with: both call them the same.
 * @throws {Terminal} (author) several platforms: one image by name is all that a local build makes
 */
export function inputFlagsOf({ args, target, platforms }: BuildInputs, builder: 'docker' | 'buildah'): string[] {
  if (platforms.length > 1) {
    const wanted = platforms.join(' and ')
    throw new Terminal(`${builder} builds for one platform at a time, and ${wanted} are asked for: name one`)
  }
  return [
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...(target === null ? [] : ['--target', target]),
    ...platforms.flatMap((platform) => ['--platform', platform]),
  ]
}
