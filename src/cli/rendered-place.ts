import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { KUSTOMIZATION_FILES } from '../adapters/kustomize/kustomization-file.ts'
import { Terminal } from '../domain/errors.ts'

/** What is rendered: a repo, and which folder of it where that is said. */
export interface RenderedPlace {
  /** A real path. */
  readonly root: string
  /** The kustomize folder, relative to the root; null to find it as the service does. */
  readonly folder: string | null
  /** What to know of a root that nobody named and nothing shows, '' otherwise. */
  readonly doubt: string
}

/**
 * A repo's root stands for the repo. Any other folder that has a kustomization is taken for the one to render, of the
 * repo that it lies in: the nearest folder above with `.git`, else itself alone.
 * @param root the repo's root where it is said
 * @throws {Terminal} (operator) a folder that is not there, or does not lie in the repo
 */
export function renderedPlace(dir: string, root: string | undefined): RenderedPlace {
  const folder = folderAt(dir, 'name the root of a repo, or a kustomize folder in it')
  if (root !== undefined) {
    const whole = folderAt(root, 'name the root of the repo')
    const inside = relative(whole, folder)
    if (inside.startsWith('..')) throw operators(`${dir} does not lie in ${root}`)
    return { root: whole, folder: inside === '' ? null : inside, doubt: '' }
  }
  if (isRepo(folder) || !KUSTOMIZATION_FILES.some((name) => existsSync(join(folder, name)))) {
    return { root: folder, folder: null, doubt: '' }
  }
  const whole = repoAbove(folder)
  if (whole !== null) return { root: whole, folder: relative(whole, folder), doubt: '' }
  const doubt = `${dir} was taken for a whole repo, since no folder above it has .git: name the root by --root where it is more`
  return { root: folder, folder: '.', doubt }
}

function folderAt(path: string, advice: string): string {
  if (!existsSync(path)) throw operators(`${path} is not there: ${advice}`)
  if (!statSync(path).isDirectory()) throw operators(`${path} is not a folder: ${advice}`)
  return realpathSync(path)
}

const isRepo = (folder: string): boolean =>
  existsSync(join(folder, '.git')) || existsSync(join(folder, '.westage.yaml'))

function repoAbove(folder: string): string | null {
  for (let at = folder; dirname(at) !== at; at = dirname(at)) if (existsSync(join(at, '.git'))) return at
  return null
}

const operators = (message: string): Terminal => new Terminal(message, { whose: 'operator' })
