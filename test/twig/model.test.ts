import fc from 'fast-check'
import { it } from 'vitest'
import { deeds } from './deeds.ts'
import { modelledRepo } from './modelled-repo.ts'
import type { Model, ModelFile } from './repo-model.ts'

const RUNS = 6

const file = (content: string, mode = '100644'): ModelFile => ({ mode, content })

/** Of other people: odd, and so much of it that trees are sent as deltas. */
const THEIRS: Model = new Map([
  ['README.md', file('# Folders\n')],
  ['a-', file('beside a folder that sorts after it\n')],
  ['a0', file('#!/bin/sh\n', '100755')],
  ['latest', file('all/shop/pr-11', '120000')],
  ['library', file('7'.repeat(40), '160000')],
  ['new\nline \xff "\\', file('\0\xff\n')],
  ['all/shop/pr-1-', file('')],
  ['a/b/a', file('#!/bin/sh\n', '100755')],
  ['a/b/a.b/a', file('x\n', '100755')],
  ['a/-x', file('x\n')],
  ['-x/a', file('x\n', '100755')],
  ['-x/a0', file('a', '120000')],
  ['all/shop/pr-1/a', file('x\n', '100755')],
  ['all/shop/pr-1/b/a', file('x\n')],
  ['all/shop/pr-10/\xc3\xbc', file('x\n', '100755')],
  ['all/a b/"\xc3\xbc"/a', file('x\n')],
  ['deep/a/a/a/a/a', file('x\n')],
  ...Array.from({ length: 12 }, (_, nth): [string, ModelFile] => [
    `all/shop/pr-1${nth}0/web.yaml`,
    file(`n: ${nth}\n`),
  ]),
  ...Array.from({ length: 6 }, (_, nth): [string, ModelFile] => [`all/\xc3\xbc ${nth}/run`, file('', '100755')]),
])

/** Names of any bytes, of which some differ by case alone, go into a work tree: not every file system takes them. */
const isSkipped = process.platform !== 'linux'

const title =
  'whatever twig and people with git do with a repo, and take back, it comes to what a model of the same has'

it.skipIf(isSkipped)(
  `${title}${isSkipped ? ' (skipped: this is not Linux)' : ''}`,
  async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (all) => {
        const repo = await modelledRepo(THEIRS)
        try {
          for (const deed of all) await repo.play(deed)
          await repo.check()
        } finally {
          await repo.close()
        }
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 100_000 },
    )
  },
  120_000,
)
