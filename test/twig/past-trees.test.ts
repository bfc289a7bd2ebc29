import { expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { FEW_FILES, never, open } from './branches.ts'

const DAY_S = 86_400
const FIRST_S = 1_700_000_000

/** A commit a day, each with another text of one file, written as git's own import does (git documentation: git-fast-import). */
const daily = (days: number): string =>
  Array.from({ length: days }, (_, day) => {
    const text = `day ${day}\n`
    const who = `A <a@example.com> ${FIRST_S + day * DAY_S} +0000`
    return `commit refs/heads/daily\nauthor ${who}\ncommitter ${who}\ndata 1\nx\nM 100644 inline folders/all/one/a.txt\ndata ${text.length}\n${text}\n`
  }).join('')

it('gives what a branch had since a time, and at that time, and nothing older', async () => {
  const { url, dir } = await gitWorld({ files: FEW_FILES })
  await git(['fast-import', '--quiet'], { cwd: dir, input: daily(250) })
  const branch = open(url, { branch: 'daily' })
  const tip = await branch.fresh(never)
  const textsSince = async (day: number): Promise<readonly string[]> => {
    const files = new Set<string>()
    const isAll = await branch.treesSince(
      tip,
      (FIRST_S + day * DAY_S) * 1000,
      4,
      (entries) => {
        for (const { name, id } of entries) if (name === 'a.txt') files.add(id)
      },
      never,
    )
    expect(isAll).toBe(true)
    const texts: string[] = []
    await branch.blobs([...files], (_, content) => texts.push(content.toString().trim()), never)
    return texts.sort()
  }
  expect(await textsSince(247.5)).toEqual(['day 247', 'day 248', 'day 249'])
  expect(await textsSince(300)).toEqual(['day 249'])
  // Further back than the first look at the commits.
  expect(await textsSince(20.5)).toHaveLength(230)
  expect(await textsSince(-5)).toHaveLength(250)
})
