/** What is done with a repo in the property test: by twig, and by people with git. */
import fc from 'fast-check'
import { foldersOf, inFolder, latin1, type Model, type ModelFile, withFile, without } from './repo-model.ts'

/** What twig makes of a folder. */
type Content =
  | { readonly kind: 'files'; readonly files: ReadonlyMap<string, string> }
  /** The files that it has, or else a first one, all with this text. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'as it is' | 'nothing' }

interface FolderDeed {
  readonly path: readonly string[]
  readonly content: Content
  readonly isUpToDate: boolean
  /** Which of the writers. */
  readonly writer: 0 | 1
}

/** `nth` picks one of those that are there. */
type PersonDeed =
  | { readonly kind: 'write'; readonly path: string; readonly file: ModelFile }
  | { readonly kind: 'write over'; readonly nth: number; readonly file: ModelFile }
  | { readonly kind: 'flip executable bit' | 'remove file' | 'remove folder'; readonly nth: number }
  | { readonly kind: 'move folder'; readonly nth: number; readonly to: string }
  | { readonly kind: 'remove everything' }

/** All at the same moment; none of the folders is in another. */
export interface TwigDeed {
  readonly kind: 'twig'
  readonly folders: readonly FolderDeed[]
  /** Whether twig is asked for the folders as they are, or git. */
  readonly isLookedAtFirst: boolean
}

export type Deed =
  | TwigDeed
  /** One commit. */
  | { readonly kind: 'person'; readonly deeds: readonly PersonDeed[] }
  /** Of a commit of twig's whose folder nothing newer touched. */
  | { readonly kind: 'revert'; readonly nth: number }

/** Names that git sorts around the folder `a`, and such as tools stumble over. */
const TEXT_NAMES = [
  'a',
  'a.b',
  'a-',
  'a0',
  'A',
  'b',
  '-x',
  'a b',
  ' ',
  '"q"',
  "it's",
  '$(x)',
  '*',
  ':(top)',
  '.gitkeep',
]
const UNICODE_NAMES = ['ü', 'e\u0301', '🎈', '\u202Ex']
const BYTE_NAMES = ['new\nline', 'tab\t', 'back\\slash', '\xff\xfe', '\x80', '40000 a'].concat(
  UNICODE_NAMES.map(latin1),
)

/** Some in others, some with names that begin alike, one where a file of other people's is in the way. */
const FOLDERS = [
  ['a'],
  ['a', 'b'],
  ['a.b'],
  ['a0', 'a'],
  ['-x'],
  ['all', 'shop', 'pr-1'],
  ['all', 'shop', 'pr-10'],
  ['all', 'shop', 'pr-1.x'],
  ['all', 'a b', '"ü"'],
  ['deep', 'a', 'a', 'a', 'a'],
] as const

const textName = fc.constantFrom(...TEXT_NAMES, ...UNICODE_NAMES)
const text = fc.oneof(
  fc.constantFrom('', 'x\n', 'kind: Deployment\nname: shop\n'),
  fc.string({ maxLength: 30, unit: 'grapheme' }),
)

const files = fc
  .array(fc.tuple(fc.array(textName, { minLength: 1, maxLength: 3 }), text), { maxLength: 6 })
  .map((all) => {
    const chosen = new Map<string, string>()
    for (const [names, content] of all) {
      const path = names.join('/')
      const isFree = [...chosen.keys()].every(
        (other) => !`${other}/`.startsWith(`${path}/`) && !`${path}/`.startsWith(`${other}/`),
      )
      if (isFree) chosen.set(path, content)
    }
    return chosen
  })

const content: fc.Arbitrary<Content> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('files'), files }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('text'), text }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'as it is' }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'nothing' }) },
)

const folderDeed: fc.Arbitrary<FolderDeed> = fc.record({
  path: fc.constantFrom(...FOLDERS),
  content,
  isUpToDate: fc.integer({ min: 0, max: 9 }).map((nth) => nth > 0),
  writer: fc.constantFrom(0, 1),
})

const isOneInTheOther = (one: FolderDeed, other: FolderDeed): boolean =>
  one.path.every((name, at) => (other.path[at] ?? name) === name)

const twig = fc.record({
  kind: fc.constant('twig' as const),
  folders: fc.uniqueArray(folderDeed, { minLength: 1, maxLength: 5, comparator: isOneInTheOther }),
  isLookedAtFirst: fc.boolean(),
})

const file: fc.Arbitrary<ModelFile> = fc.oneof(
  fc.record({
    mode: fc.constantFrom('100644', '100755'),
    content: fc.oneof(
      text.map(latin1),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
  }),
  fc.record({ mode: fc.constant('120000'), content: fc.constantFrom('a', '../nowhere', '/', '\xff') }),
  fc.record({ mode: fc.constant('160000'), content: fc.constant('5'.repeat(40)) }),
)

const byteName = fc.oneof(textName.map(latin1), fc.constantFrom(...BYTE_NAMES))

/** In the folders that twig writes, beside them and in the way of them. */
const path = fc
  .tuple(
    fc.constantFrom(...FOLDERS),
    fc.nat({ max: 5 }),
    fc.oneof(
      { weight: 5, arbitrary: fc.array(byteName, { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
  )
  .map(([[first, ...rest], depth, names]) => [first, ...rest.slice(0, depth)].map(latin1).concat(names).join('/'))

const nth = fc.nat({ max: 1000 })

const personDeed: fc.Arbitrary<PersonDeed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write'), path, file }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write over'), nth, file }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('flip executable bit'), nth }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('remove file', 'remove folder'), nth }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move folder'), nth, to: path }) },
)

const person = fc.record({
  kind: fc.constant('person' as const),
  deeds: fc.oneof(
    { weight: 12, arbitrary: fc.array(personDeed, { minLength: 1, maxLength: 5 }) },
    { weight: 1, arbitrary: fc.constant([{ kind: 'remove everything' }] satisfies PersonDeed[]) },
  ),
})

/** What is done with a repo, in order. */
export const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<Deed>[]>(
    { weight: 5, arbitrary: twig },
    { weight: 3, arbitrary: person },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('revert' as const), nth }) },
  ),
  { minLength: 1, maxLength: 20, size: 'max' },
)

/** The files that a change asks for. @param there what is in the folder now, by whole paths */
export function filesOf(content: Content, there: Model, folder: string): ReadonlyMap<string, string> | null {
  if (content.kind === 'nothing') return null
  if (content.kind === 'files') return content.files
  const files = new Map<string, string>(content.kind === 'text' && there.size === 0 ? [['a', content.text]] : [])
  for (const [path, file] of there) {
    const [name, text] = [textOf(path.slice(folder.length + 1)), textOf(file.content)]
    if (name === null || /[\p{Cc}\\]/u.test(name)) continue // twig writes no such names
    if (content.kind === 'text') files.set(name, content.text)
    else if (text !== null) files.set(name, text)
  }
  return files
}

/** Null where it is not UTF-8. */
function textOf(bytes: string): string | null {
  const text = Buffer.from(bytes, 'latin1').toString('utf8')
  return latin1(text) === bytes ? text : null
}

/** What a person's deed makes of a repo. */
export function afterPerson(model: Model, deed: PersonDeed): Model {
  if (deed.kind === 'remove everything') return new Map()
  if (deed.kind === 'write') return withFile(model, deed.path, deed.file)
  const isAboutFolder = deed.kind === 'remove folder' || deed.kind === 'move folder'
  const there = isAboutFolder ? foldersOf(model) : [...model.keys()]
  const one = there[deed.nth % there.length]
  if (one === undefined) return model
  if (deed.kind === 'write over') return withFile(model, one, deed.file)
  if (deed.kind === 'flip executable bit') return flipped(model, one)
  if (deed.kind !== 'move folder') return without(model, one)
  let after = without(model, one)
  for (const [old, moved] of inFolder(model, one)) after = withFile(after, `${deed.to}${old.slice(one.length)}`, moved)
  return after
}

function flipped(model: Model, path: string): Model {
  const file = model.get(path)
  if (file?.mode === '100644') return new Map([...model, [path, { ...file, mode: '100755' }]])
  if (file?.mode === '100755') return new Map([...model, [path, { ...file, mode: '100644' }]])
  return model
}
