/** What is done with a branch day by day, at any server: read, add, change, race, remove. Counts the requests of each. */
import { expect } from 'vitest'
import type { Committed } from '../../src/twig/commit-queue.ts'
import { changeOf, checkedHistory, never, open, pathOf, textsAt, textsOf } from './branches.ts'

/** So many folders that their tree is sent as a delta. */
const NAMES = Array.from({ length: 12 }, (_, nth) => `theirs-${nth}`)

/** What the repo begins with. */
export const START = {
  'README.md': '# Folders\n',
  ...Object.fromEntries(NAMES.flatMap((name) => textsOf(name, 'theirs'))),
}

export interface EverydayRequests {
  /** The tip, and the folder that is looked for in it. */
  readonly coldStart: number
  readonly lookAgain: number
  readonly readFolder: number
  readonly add: number
  readonly update: number
  /** A change that loses a race to another writer, until it is there. */
  readonly race: number
  readonly remove: number
}

/**
 * Throws where anything is lost, there twice, or not as `git fsck` and a model of the same changes have it.
 * @param dir the repo on the disk
 * @param sent how many requests have come to the server
 */
export async function everyday(url: string, dir: string, sent: () => number): Promise<EverydayRequests> {
  const counted = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
    const before = sent()
    const done = await work()
    return [done, sent() - before]
  }
  const branch = open(url)
  const commit = (name: string, text: string | null, onto: Committed | null) =>
    counted(() => branch.commit(changeOf(name, text, onto?.tree ?? null), never))

  const [theirs, coldStart] = await counted(async () =>
    branch.treeAt((await branch.fresh(never)).tree, pathOf('theirs-3'), never),
  )
  const [, lookAgain] = await counted(() => branch.fresh(never))
  const [files, readFolder] = await counted(() => branch.files(theirs ?? '', never))
  expect(Object.fromEntries([...files].map(([path, content]) => [path, String(content)]))).toEqual({
    'a.txt': 'theirs',
    'below/b.txt': 'theirs below',
  })

  const [one, add] = await commit('one', 'first', null)
  const [, update] = await commit('one', 'second', one)
  const other = open(url)
  const { tree } = await other.commit(changeOf('two', 'of another writer'), never)
  const [three, race] = await commit('three', 'after a race', null)
  const [, remove] = await commit('three', null, three)
  await other.commit(changeOf('two', null, tree), never)

  expect(Object.fromEntries(await textsAt(dir))).toEqual(
    Object.fromEntries([...NAMES.flatMap((name) => textsOf(name, 'theirs')), ...textsOf('one', 'second')]),
  )
  expect((await checkedHistory(dir)).slice(1)).toEqual([
    'one: first',
    'one: second',
    'two: of another writer',
    'three: after a race',
    'three: removed',
    'two: removed',
  ])
  return { coldStart, lookAgain, readFolder, add, update, race, remove }
}
