/** What several test files of one run of vitest need and is made once for all of them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { filledOnce } from './filled-once.ts'

declare module 'vitest' {
  interface ProvidedContext {
    runFolder: string
  }
}

/** vitest's `globalSetup`: a folder for this run, gone with it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'test-run-'))
  project.provide('runFolder', folder)
  return () => rm(folder, { recursive: true, force: true })
}

/**
 * A folder that the first test file to ask for it fills, for all of the run.
 * @throws what `fill` does
 */
export async function oncePerRun(name: string, fill: (draft: string) => Promise<void>): Promise<string> {
  const folder = join(inject('runFolder'), name)
  await filledOnce(folder, fill)
  return folder
}
