import fc from 'fast-check'
import { expect, it } from 'vitest'
import { filesAt, git, showFile } from '../../servers/git-cli.ts'
import { apiWorld } from './api-world.ts'
import { folderOf, never, TEMPLATE } from './gitops-world.ts'

const fileName = fc.oneof(
  fc.constantFrom('preview.yaml', 'manifests/a.yaml', 'manifests/a-b.yaml', 'manifests/a/b.yaml', 'manifests.txt'),
  fc.constantFrom('a b', 'ü/é.yaml', '-x', 'a"b', "it's", '0', 'manifests/.gitkeep', '$(x)', '🎈/🎈'),
)
const files = fc
  .dictionary(fileName, fc.string({ maxLength: 40, unit: 'grapheme' }), { minKeys: 1, maxKeys: 6 })
  .map((contents) => new Map(Object.entries(contents)))
const change = fc.record({
  pull: fc.integer({ min: 1, max: 4 }),
  app: fc.constantFrom('shop', 'api'),
  files: fc.option(files),
})
const step = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  writer: fc.constantFrom(0, 1),
})

it('any additions, replacements and removals by the API, with another writer that pushes, leave the repo that a model of them has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      const { open, openByApi, dir, server, github, check } = await apiWorld()
      const writers = [open(), openByApi()] as const
      const model = new Map<string, ReadonlyMap<string, string>>()
      for (const { changes, writer } of steps) {
        const branch = writers[writer]
        // One change of a folder at a time: what happens to two is another test's.
        const together = [...new Map(changes.map((each) => [folderOf(each.pull, each.app), each])).entries()]
        const onto = new Map((await branch.folders(never)).map(({ path, tree }) => [path, tree]))
        await Promise.all(
          together.map(([path, each]) =>
            branch.commit(
              { path, files: each.files, onto: onto.get(path) ?? null, message: `${path}\n\nWeStage-Preview: x\n` },
              never,
            ),
          ),
        )
        for (const [path, each] of together) {
          if (each.files === null) model.delete(path)
          else model.set(path, each.files)
        }
      }
      const wanted = [...model].flatMap(([path, inside]) =>
        [...inside].map(([name, text]) => [`${path}/${name}`, text] as const),
      )
      const found = [...(await filesAt(dir)).keys()].filter((path) => !(path in TEMPLATE))
      expect(found.sort()).toEqual(wanted.map(([path]) => path).sort())
      for (const [path, text] of wanted) expect(await showFile(dir, path)).toBe(text)
      for (const { path, tree } of await writers[0].folders(never)) {
        expect(tree).toBe(await git(['rev-parse', `main:${path}`], { cwd: dir }))
      }
      await check()
      await Promise.all(writers.map((branch) => branch.close()))
      await Promise.all([server.close(), github.close()])
    }),
    { numRuns: 5 },
  )
}, 60_000)
