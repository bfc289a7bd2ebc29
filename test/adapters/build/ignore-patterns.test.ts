/** What stands here of docker and buildah was asked of moby/patternmatcher 0.6 and of containers/storage 1.43. */
import { afterAll, expect, it } from 'vitest'
import { contextEntries, type IgnoreReading } from '../../../src/adapters/build/context-entries.ts'
import { parseIgnoreFile } from '../../../src/adapters/build/ignore-patterns.ts'
import { ownTemporaryFolder, repoOf } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

const never = new AbortController().signal

/** Which of these files a builder sees, the others being ignored. */
async function seen(ignoreFile: string, files: string, reading: IgnoreReading = 'docker'): Promise<string> {
  const patterns = parseIgnoreFile(ignoreFile)
  if (patterns === null) return 'not understood'
  const root = await repoOf(Object.fromEntries(files.split(' ').map((path) => [path, ''])))
  const entries = await contextEntries(root, patterns, reading, never)
  const paths = entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)
  return paths.toSorted().join(' ')
}

it.each([
  ['docs', 'a docs/b docs/c/d web/docs/e', 'a web/docs/e'],
  ['/docs/', 'a docs/b web/docs/e', 'a web/docs/e'],
  ['./docs/../a', 'a b', 'b'],
  ['  docs \t', 'a docs/b', 'a'],
  ['\ufeffdocs', 'a docs/b', 'a'],
  ['docs\r\na\r\n', 'a b docs/b', 'b'],
  ['# docs\n\n #x', '#x a docs/b', 'a docs/b'],
  ['*.md', 'a.md b.mdx web/c.md', 'b.mdx web/c.md'],
  ['*/*.md', 'a.md web/b.md web/in/c.md', 'a.md web/in/c.md'],
  ['**/*.md', 'a.md web/b.md web/in/c.md d', 'd'],
  ['**/node_modules', 'node_modules/a web/node_modules/b/c d', 'd'],
  ['web/**', 'a web/b web/c/d', 'a'],
  ['web/**/d', 'web/b web/c/d web/c/e/d web/d', 'web/b'],
  ['**.md', 'a.md web/b.md c.mdx', 'c.mdx'],
  ['**in/c', 'web/in/c win/c c', 'c'],
  ['a?', 'a ab abc', 'a abc'],
  ['[a-c]x', 'ax bx dx', 'dx'],
  ['[^a]x', 'ax bx', 'ax'],
  ['a.b', 'a.b axb', 'axb'],
  ['a+(b)$', 'a+(b)$ aab', 'aab'],
  ['\\*a', '*a ba', 'ba'],
  ['*\n!web', 'a web/b web/c/d', 'web/b web/c/d'],
  ['web\n!web/b', 'a web/b web/c', 'a web/b'],
  ['web\n!web/b\nweb/b/c', 'web/b/c web/b/d web/e', 'web/b/d'],
  ['*\n!**/keep', 'a/keep b/c/keep d', 'a/keep b/c/keep'],
  ['! a\n*\n! a', 'a b', 'a'],
  ['.', 'a', 'a'],
  ['/', 'a', 'a'],
  ['../a', 'a', 'a'],
  ['', 'a .dockerignore', '.dockerignore a'],
])('%j leaves of %s: %s', async (ignoreFile, files, left) => {
  for (const reading of ['docker', 'buildah'] as const) expect(await seen(ignoreFile, files, reading)).toBe(left)
})

it('takes an exception for a folder, where only its files are ignored, as each builder does', async () => {
  expect(await seen('**/a\n!b', 'b/a c/a', 'docker')).toBe('')
  expect(await seen('**/a\n!b', 'b/a c/a', 'buildah')).toBe('b/a')
})

it.each(['!', '!/', '/!a', '!../a', 'a\\', '[a', 'a]', '[[:alpha:]]', '[b-a]', '\\d', 'a^b', 'a|b', 'a{1}', 'a\u0001'])(
  'does not pretend to know what a builder makes of %j',
  async (line) => {
    expect(await seen(`docs\n${line}`, 'a')).toBe('not understood')
  },
)

it('takes no longer for a hostile pattern than for another', () => {
  const [hostile] = parseIgnoreFile(`${'*a'.repeat(200)}b`) ?? []
  const [deep] = parseIgnoreFile(`${'**/'.repeat(300)}b`) ?? []
  const before = performance.now()
  expect(hostile?.names('a'.repeat(250))).toBe(false)
  expect(deep?.names('a/'.repeat(900))).toBe(false)
  expect(performance.now() - before).toBeLessThan(2000)
})

it('writes lines for buildah that mean what docker reads', () => {
  const lines = parseIgnoreFile(' /a b/ \n!./c\n\\#d\n #e\n**f\ng~h\n')?.map(({ line }) => line)
  expect(lines).toEqual(['a b', '!c', '\\#d', '\\#e', '**/*f', 'g\\~h'])
})
