/** Argo CD's binary with what it needs beside it, in the release that is asked for. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ARGOCD_RELEASES, type ArgoCdRelease, NEWEST_ARGOCD } from './argocd-releases.ts'
import { builtOnce, goBuild } from './built-once.ts'
import { argocdLinkerFlags, argocdVersionIn, copyArgoCdFiles, type Programs } from './programs.ts'

export interface ArgoCdPrograms {
  readonly release: ArgoCdRelease
  /** `3.5.3` */
  readonly version: string
  /** With `argocd`, its own manifests under `argocd-manifests`, and what its image has on the PATH. */
  readonly folder: string
}

/**
 * The newest comes with the programs of the cluster. An older one has a module of its own, and is built from it where
 * it is not there yet.
 * @throws {ToolFailed} with Go's own words
 */
export async function findArgoCd(
  release: ArgoCdRelease,
  programs: Programs,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<ArgoCdPrograms> {
  if (release === NEWEST_ARGOCD) return { release, version: programs.versions.argocd, folder: programs.folder }
  const module = moduleOf(release)
  const files = [join(module, 'go.mod'), join(module, 'go.sum'), import.meta.filename]
  const recipe = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const version = await argocdVersion(release)
  const build = async (folder: string) => {
    await goBuild(module, argocdLinkerFlags(version), ['-o', join(folder, 'argocd'), 'tool'], signal, log)
    await copyArgoCdFiles(module, folder, signal)
  }
  return { release, version, folder: await builtOnce(`Argo CD ${version}`, recipe, build, log) }
}

/** What the release's go.mod pins: `3.5.3`. */
export async function argocdVersion(release: ArgoCdRelease): Promise<string> {
  return argocdVersionIn(await readFile(join(moduleOf(release), 'go.mod'), 'utf8'))
}

const moduleOf = (release: ArgoCdRelease): string => join(import.meta.dirname, ARGOCD_RELEASES[release].module)
