import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  entryIn,
  FILE_MODE,
  FOLDER_MODE,
  parseTree,
  printTree,
  type TreeEntry,
  withEntry,
} from '../../src/twig/tree.ts'
import { gitObjects } from './git-objects.ts'

/** Names that git sorts in ways of its own, and others. */
const name = fc.oneof(
  fc.constantFrom(
    'a',
    'a.b',
    'a-b',
    'a0',
    'a b',
    'ab',
    'b',
    'pr-1',
    'pr-10',
    'pr-1.x',
    '"quoted"',
    'new\nline',
    '40000 a',
  ),
  fc.string({ minLength: 1, maxLength: 6 }).map((text) => Buffer.from(text.replace(/[/\0]/g, '_')).toString('latin1')),
)
/** An id that is full of bytes which look like an entry. */
const id = fc.oneof(
  fc.constant(Buffer.from('40000 a\0b\0pr-1\0 a\0aa').toString('hex').padEnd(40, '6').slice(0, 40)),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
)
const entry: fc.Arbitrary<TreeEntry> = fc.record({
  mode: fc.constantFrom(FOLDER_MODE, FILE_MODE, '120000'),
  name,
  id,
})
const entries = fc.uniqueArray(entry, { selector: (each) => each.name, maxLength: 12 })

it('puts an entry where git sorts it, replaces it and takes it away, and leaves the other bytes as they are', () => {
  fc.assert(
    fc.property(entries, entry, (before, one) => {
      const content = printTree(before)
      const rest = before.filter((each) => each.name !== one.name)
      expect(withEntry(content, one.name, one)).toEqual(printTree([...rest, one]))
      expect(withEntry(content, one.name, null)).toEqual(printTree(rest))
    }),
    { numRuns: 500 },
  )
})

it('finds the entry of a name, whatever the ids beside it look like', () => {
  fc.assert(
    fc.property(entries, name, (all, wanted) => {
      expect(entryIn(printTree(all), wanted)).toEqual(all.find((each) => each.name === wanted) ?? null)
    }),
    { numRuns: 500 },
  )
})

it('prints the tree that git makes of the same entries', async () => {
  const git = await gitObjects()
  const blob = await git.put('blob', Buffer.from('x\n'))
  const folder = await git.put('tree', printTree([{ mode: FILE_MODE, name: 'x', id: blob }]))
  const names = ['a', 'a.b', 'a-b', 'a0', 'a b', 'pr-1', 'pr-10', 'z']
  for (const folders of [names, [], ['a', 'pr-1']]) {
    const all = names.map((each) =>
      folders.includes(each)
        ? { mode: FOLDER_MODE, name: each, id: folder }
        : { mode: FILE_MODE, name: each, id: blob },
    )
    const made = await git.run(
      ['mktree', '-z'],
      all
        .map((each) => `${each.mode === FOLDER_MODE ? '040000 tree' : '100644 blob'} ${each.id}\t${each.name}\0`)
        .join(''),
    )
    expect(await git.put('tree', printTree(all))).toBe(made)
    expect(parseTree(await git.content(made)).map((each) => each.name)).toHaveLength(names.length)
  }
})

it('says that a damaged tree is one', () => {
  const content = printTree([{ mode: FILE_MODE, name: 'x', id: '1'.repeat(40) }])
  for (let length = 1; length < content.length; length += 1) {
    expect(() => parseTree(content.subarray(0, length))).toThrow('damaged')
  }
})
