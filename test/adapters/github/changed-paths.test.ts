import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Connected, connected, forever, REPO } from './connected.ts'

describe('what a pull request changes', () => {
  let world: Connected
  beforeEach(async () => {
    world = await connected()
  })
  afterEach(() => world.github.close())

  const pathsOf = async (number = world.key.pull) => {
    const pull = await world.connection.pulls.read({ ...world.key, pull: number }, forever)
    world.asked()
    return world.connection.changes.paths(pull, forever)
  }
  const open = (branch: string, files: Readonly<Record<string, string | null>>) =>
    world.github.openPull(REPO, { branch, files, labels: ['westage'] })

  it('are the paths against where it left its base, both of a file that was moved', async () => {
    expect(await pathsOf()).toEqual(['a'])
    world.github.push(REPO, world.key.pull, { 'README.md': null, 'docs/index.md': 'shop' })
    expect(await pathsOf()).toEqual(['a', 'docs/index.md', 'README.md'])
  })

  it('come by pages, and are not told of more files than GitHub lists', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, nth) => [`many/${String(nth).padStart(4, '0')}`, `${nth}`]))
    expect(await pathsOf(open('many', many(250)))).toEqual(Object.keys(many(250)))
    expect(world.asked()).toHaveLength(3)
    expect(await pathsOf(open('full', many(3_000)))).toBeNull()
    expect(world.asked()).toHaveLength(30)
  })

  it('cost one request for all who ask at once, and nothing more until they change', async () => {
    const pull = await world.read()
    world.asked()
    const before = world.github.remaining('acme')
    const all = await Promise.all(Array.from({ length: 5 }, () => world.connection.changes.paths(pull, forever)))
    expect(all).toEqual(Array.from({ length: 5 }, () => ['a']))
    expect(world.asked()).toEqual([`GET /repos/${REPO}/pulls/${pull.number}/files?per_page=100&page=1`])
    expect(await world.connection.changes.paths(pull, forever)).toEqual(['a'])
    expect(world.github.remaining('acme')).toBe(before - 1)
  })

  it('have the file of its head by name, asked for once', async () => {
    const { github, connection, key } = world
    github.push(REPO, key.pull, { '.westage.yaml': 'when: changed # größer\n', 'docs/a': 'a' })
    const pull = await world.read()
    world.asked()
    const { file } = connection.changes
    const texts = await Promise.all([1, 2, 3].map(() => file(pull, '.westage.yaml', forever)))
    expect(texts).toEqual(Array.from({ length: 3 }, () => 'when: changed # größer\n'))
    expect(await file(pull, '.westage.yaml', forever)).toBe(texts[0])
    expect(world.asked()).toEqual([`GET /repos/${REPO}/contents/.westage.yaml?ref=${pull.head}`])
    expect(await file(pull, 'docs', forever)).toBeNull()
    const first = file(pull, 'none', forever)
    await setImmediate()
    const whileUnderWay = file(pull, 'none', forever)
    expect(await Promise.all([first, whileUnderWay])).toEqual([null, null])
    expect(await file(pull, 'none', forever)).toBeNull()
    expect(world.asked()).toHaveLength(2)
    github.fail({ path: /contents/, times: 9 }, { kind: 'status', status: 502 })
    await expect(file(pull, 'other', forever)).rejects.toThrow()
  })

  it('fail where GitHub fails, and are not taken for none', async () => {
    const pull = await world.read()
    world.github.fail({ path: /\/files/, times: 9 }, { kind: 'status', status: 502 })
    await expect(world.connection.changes.paths(pull, forever)).rejects.toThrow()
  })
})
