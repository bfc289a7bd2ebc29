import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { git, logOf } from '../../servers/git-cli.ts'
import { afterTest, changeOf, folderOf, never, world } from './gitops-world.ts'

const PACKS_MAX = 3

/** A world with a branch whose folders can be counted. */
async function given() {
  const here = await world()
  const workDir = await mkdtemp(join(tmpdir(), 'bounded-'))
  afterTest(() => rm(workDir, { recursive: true, force: true }))
  const branch = here.open({ workDir, packsMax: PACKS_MAX, historyDepth: 3 })
  return {
    ...here,
    branch,
    stores: () => readdir(workDir),
    /** How many packs lie in each store. */
    packs: async () =>
      await Promise.all(
        (await readdir(workDir)).map(
          async (store) =>
            (await readdir(join(workDir, store, 'objects', 'pack'))).filter((name) => name.endsWith('.pack')).length,
        ),
      ),
  }
}

it('keeps few packs and one store, however often the branch moves, and knows all that it knew', async () => {
  const { branch, stores, packs, person, dir, check } = await given()
  const first = await branch.commit(changeOf(1, 'aaa', null), never)
  await branch.commit(changeOf(2, 'aaa', null), never)
  await person(['rm', '-q', '-r', folderOf(2)], ['commit', '-q', '-m', 'Away with it'])
  const [one] = await branch.folders(never)
  if (one === undefined) throw new Error('there is no folder')
  const seen = new Set<string>()
  for (let nth = 0; nth < 10; nth += 1) {
    await person(['commit', '-q', '--allow-empty', '-m', `Nothing ${nth}`])
    expect(await branch.folder(one.path, never)).toMatchObject({ tree: one.tree, touchedBy: 'westage' })
    expect(await branch.folder(folderOf(2), never)).toMatchObject({ tree: null, touchedBy: 'person' })
    const [count = 0, ...others] = await packs()
    expect(others).toEqual([])
    expect(count).toBeLessThanOrEqual(PACKS_MAX)
    for (const store of await stores()) seen.add(store)
  }
  expect(seen.size).toBeGreaterThan(3)
  // What lies before the history that is here is fetched by itself.
  expect(await branch.isAt(first.commit, one, never)).toBe(true)
  expect(await branch.isAt('0'.repeat(40), one, never)).toBe(false)
  expect(await branch.commit(changeOf(1, 'bbb', one.tree), never)).toMatchObject({ changed: true })
  const [two] = await branch.folders(never)
  expect(two).toMatchObject({ preview: { sha: 'bbb' }, touchedBy: 'westage' })
  expect(await branch.isAt((await logOf(dir))[0]?.id ?? '', two ?? one, never)).toBe(true)
  await check()
})

it('reads a folder that came back from before the history that was fetched anew', async () => {
  const { branch, person, check } = await given()
  await branch.commit(changeOf(1, 'aaa', null), never)
  const { tree } = await branch.folder(folderOf(1), never)
  const { commit } = await branch.commit(changeOf(1, null, tree), never)
  for (let nth = 0; nth < 6; nth += 1) {
    await person(['commit', '-q', '--allow-empty', '-m', `Nothing ${nth}`])
    await branch.folders(never)
  }
  await person(['revert', '--no-edit', commit])
  expect(await branch.folders(never)).toMatchObject([{ tree, preview: { sha: 'aaa' }, touchedBy: 'person' }])
  await check()
})

it('leaves what is under way with the store that it began with', async () => {
  const { branch, stores, person, server, check } = await given()
  await branch.folders(never)
  let letGo = () => {}
  const until = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const reached = new Promise<void>((resolve) => {
    server.inject('receive-pack', { kind: 'hold', until, reached: resolve })
  })
  const pushing = branch.commit(changeOf(1, 'aaa', null), never)
  await reached
  for (let nth = 0; nth < 2 * PACKS_MAX; nth += 1) {
    await person(['commit', '-q', '--allow-empty', '-m', `Nothing ${nth}`])
    await branch.folders(never)
  }
  expect(await stores()).toHaveLength(2)
  letGo()
  expect(await pushing).toMatchObject({ changed: true })
  expect(await branch.folders(never)).toMatchObject([{ preview: { sha: 'aaa' }, touchedBy: 'westage' }])
  expect(await stores()).toHaveLength(1)
  await check()
})

it('goes on where the branch was reset and the server is down just when it is full', async () => {
  const { branch, stores, packs, person, server, dir } = await given()
  const [before] = await stores()
  while ((await packs())[0] !== PACKS_MAX) {
    await person(['commit', '-q', '--allow-empty', '-m', 'Nothing'])
    await branch.folders(never)
  }
  server.inject('upload-pack', { kind: 'status', status: 503 })
  await expect(branch.folders(never)).rejects.toThrow(/503/)
  expect(await stores()).toEqual([before])
  await person(
    ['reset', '-q', '--hard', 'HEAD~2'],
    ['push', '-q', '--force'],
    ['commit', '-q', '--allow-empty', '-m', 'B'],
  )
  await git(['prune', '--expire=now'], { cwd: dir }) // what the branch was at is not even on the server
  await branch.commit(changeOf(1, 'aaa', null), never)
  expect(await branch.folders(never)).toMatchObject([{ preview: { sha: 'aaa' } }])
  expect(await stores()).not.toContain(before)
})

it('leaves no store behind where it is closed while one takes the place of another', async () => {
  const { branch, stores, packs, person, server } = await given()
  await branch.folders(never)
  while ((await packs())[0] !== PACKS_MAX) {
    await person(['commit', '-q', '--allow-empty', '-m', 'Nothing'])
    await branch.folders(never)
  }
  let letGo = () => {}
  const until = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const reached = new Promise<void>((resolve) => {
    server.inject('upload-pack', { kind: 'hold', until, reached: resolve })
  })
  const reading = branch.folders(never).catch((error: unknown) => error)
  await reached
  await branch.close()
  letGo()
  expect(await reading).toBeInstanceOf(Error)
  expect(await stores()).toEqual([])
})
