import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runTool } from '../../src/adapters/child-process.ts'
import { openProcessFolder } from '../../src/adapters/process-folder.ts'

let parent: string
beforeEach(async () => {
  parent = join(await mkdtemp(join(tmpdir(), 'process-folder-')), 'work')
})
afterEach(() => rm(join(parent, '..'), { recursive: true, force: true }))

const open = () => openProcessFolder(parent, process.env.PATH ?? '')

/** What a process leaves behind that was killed. */
async function givenDead(name: string): Promise<string> {
  const folder = join(parent, name)
  await mkdir(join(folder, 'checkout'), { recursive: true })
  const env = { PATH: process.env.PATH ?? '' }
  await runTool({ command: 'mkfifo', args: ['alive'], cwd: folder, env, signal: AbortSignal.timeout(10_000) })
  return folder
}

it('shows what is in it to nobody else', async () => {
  const { path, close } = await open()
  expect((await stat(parent)).mode & 0o777).toBe(0o700)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  await close()
  expect(await readdir(parent)).toEqual([])
})

it('removes what a dead process left, and nothing of one that lives', async () => {
  const living = await open()
  await writeFile(join(living.path, 'kept'), '')
  await givenDead('dead')
  const later = await open()
  expect(await readdir(living.path)).toContain('kept')
  expect((await readdir(parent)).map((name) => join(parent, name)).toSorted()).toEqual(
    [living.path, later.path].toSorted(),
  )
  await living.close()
  expect((await readdir(parent)).map((name) => join(parent, name))).toEqual([later.path])
  await later.close()
})

it('gives a process that is starting a minute to say that it lives', async () => {
  await givenDead('.new')
  const old = await givenDead('.old')
  const longAgo = new Date(Date.now() - 120_000)
  await utimes(old, longAgo, longAgo)
  const { close } = await open()
  await close()
  expect(await readdir(parent)).toEqual(['.new'])
})
