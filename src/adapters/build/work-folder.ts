/** A folder for one run of a tool: its home, its temporary files, and the registry credentials that it may read. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Auths } from '../registry/credentials.ts'

export interface WorkFolder {
  readonly path: string
  readonly home: string
  readonly temporary: string
  /** A docker config.json with `auths` and nothing else, in a folder of its own, as DOCKER_CONFIG wants it. */
  readonly authFile: string
}

/** Makes it at `path`, where nothing is yet. */
export async function makeWorkFolder(path: string, auths: Auths): Promise<WorkFolder> {
  const docker = join(path, 'docker')
  const folder = { path, home: join(path, 'home'), temporary: join(path, 'tmp'), authFile: join(docker, 'config.json') }
  for (const each of [path, folder.home, folder.temporary, docker]) await mkdir(each, { mode: 0o700 })
  await writeFile(folder.authFile, JSON.stringify({ auths }), { mode: 0o600 })
  return folder
}

/** Makes one below `workDir`, hands it to `use`, and removes it whatever happens. */
export async function withWorkFolder<Result>(
  workDir: string,
  auths: Auths,
  use: (folder: WorkFolder) => Promise<Result>,
): Promise<Result> {
  const parent = await mkdtemp(join(workDir, 'westage-build-'))
  try {
    return await use(await makeWorkFolder(join(parent, 'work'), auths))
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}
