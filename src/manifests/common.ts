/** The operators' own manifests, read out of the files of `common/`. */
import { Terminal } from '../domain/errors.ts'
import { CommonFault } from './common-fault.ts'
import { groupKindOf, type Manifest, objectName } from './manifest.ts'
import { parseManifests } from './parse.ts'

/**
 * @param files path in the GitOps repo -> text; files of nothing but comments are none
 * @throws {CommonFault} naming the file: not YAML, not manifests, an object that stands in two files
 */
export function commonManifestsOf(files: ReadonlyMap<string, string>): readonly Manifest[] {
  const homes = new Map<string, string>()
  return [...files].flatMap(([path, text]) => {
    const manifests = isBlank(text) ? [] : manifestsIn(text, path)
    for (const manifest of manifests) {
      const identity = `${groupKindOf(manifest)} ${manifest.metadata.name}`
      const home = homes.get(identity)
      if (home !== undefined && home !== path) {
        throw new CommonFault(`${objectName(manifest)} stands in ${home} and in ${path}: remove one`)
      }
      homes.set(identity, path)
    }
    return manifests
  })
}

const isBlank = (text: string): boolean => text.split('\n').every((line) => /^\s*(#.*|---\s*)?$/.test(line))

function manifestsIn(text: string, path: string): readonly Manifest[] {
  try {
    return parseManifests(text, path)
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    throw new CommonFault(error.message, error)
  }
}
