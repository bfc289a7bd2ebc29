import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspaces } from '../ports.ts'

/** Each a folder of its own below this one, removed with all that is in it. */
export const workspacesIn = (folder: string): Workspaces => ({
  async open() {
    const path = await mkdtemp(join(folder, 'westage-'))
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
  },
})
