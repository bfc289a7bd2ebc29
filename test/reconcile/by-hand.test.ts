import { describe, expect, it } from 'vitest'
import { type World, worldOf } from '../fakes/world.ts'
import { A, B, checkOf, FOLDER, folderOf, given, heard, live, restart, shaIn } from './one-pull.ts'

const MINUTE = 60_000

/** The pull request is live at A, then updated to B. */
async function updated(): Promise<World> {
  const here = await live()
  here.github.push(7, B)
  await heard(here)
  return here
}

/** Nothing is committed, built or told, however often it is looked at, by this process or by one after it. */
async function expectQuiet(here: World): Promise<void> {
  const counts = () => [here.gitops.commits().length, here.github.writes(), here.prepared.length]
  const before = counts()
  for (const next of [() => {}, () => here.webhook(7), () => restart(here), () => here.webhook(7)]) {
    next()
    await here.settle()
  }
  expect(counts()).toEqual(before)
}

/** What a person does to the folder, and what the pull request is to read of it. */
interface Deed {
  readonly does: (here: World) => void
  /** The head that was live. */
  readonly head: string
  /** The revision that is there afterwards. */
  readonly runs: string
  readonly title: RegExp
  readonly summary: readonly string[]
}

const manifestIn = (here: World) =>
  [...(here.gitops.tip().get(FOLDER)?.keys() ?? [])].find((path) => path.startsWith('manifests/')) ?? ''

const DEEDS: readonly (readonly [string, Deed])[] = [
  [
    'the revert of an update',
    {
      does: ({ gitops }) => gitops.revert(FOLDER),
      head: B,
      runs: A,
      title: /^Held at aaaaaaa: changed by hand in the GitOps repo by Olga Operator$/,
      summary: ['**Olga Operator**', 'Revert "shop \\#7: update preview', 'revision `aaaaaaa`', '-shop.test'],
    },
  ],
  [
    'the revert of a creation',
    {
      does: ({ gitops }) => gitops.revert(FOLDER),
      head: A,
      runs: 'none',
      title: /^Held: removed by hand/,
      summary: ['so nothing runs', 'Revert "shop \\#7: preview'],
    },
  ],
  [
    'a folder deleted by hand',
    {
      does: ({ gitops }) => gitops.remove(FOLDER),
      head: A,
      runs: 'none',
      title: /^Held: removed by hand/,
      summary: ['Away with it', 'so nothing runs'],
    },
  ],
  [
    'a manifest edited by hand',
    {
      does: (here) => here.gitops.edit(FOLDER, manifestIn(here), 'kind: ConfigMap\ndata: { by: hand }\n'),
      head: A,
      runs: A,
      title: /^Held: changed by hand/,
      summary: ['this revision with its files changed by hand', '#by-hand'],
    },
  ],
  [
    'a preview.yaml that can’t be read',
    {
      does: ({ gitops }) => gitops.edit(FOLDER, 'preview.yaml', 'app: ['),
      head: A,
      runs: 'none',
      title: /^Held: changed by hand/,
      summary: ["preview.yaml can't be read any more"],
    },
  ],
  [
    'a preview.yaml that names another commit',
    {
      does: ({ gitops }) =>
        gitops.edit(
          FOLDER,
          'preview.yaml',
          (gitops.tip().get(FOLDER)?.get('preview.yaml') ?? '').replaceAll(A, 'd'.repeat(40)),
        ),
      head: A,
      runs: 'd'.repeat(40),
      title: /^Held at ddddddd: changed by hand/,
      summary: ['revision `ddddddd`'],
    },
  ],
  [
    'a merge or a squash that brings another state in',
    {
      does: ({ gitops }) => gitops.merge(new Map([[FOLDER, new Map([['note.txt', 'by hand']])]])),
      head: A,
      runs: 'none',
      title: /^Held: changed by hand/,
      summary: ["Merge branch 'by-hand'"],
    },
  ],
  [
    'a branch that is reset to before an update',
    {
      does: ({ gitops }) => gitops.reset(gitops.commits().at(-2)?.id ?? ''),
      head: B,
      runs: A,
      title: /^Held at aaaaaaa: the GitOps branch was reset$/,
      summary: ['was reset or force-pushed', 'revision `aaaaaaa`'],
    },
  ],
  [
    'a branch that is reset to before the preview',
    {
      does: ({ gitops }) => gitops.reset(gitops.commits()[0]?.id ?? ''),
      head: A,
      runs: 'none',
      title: /^Held: removed by hand in the GitOps repo$/,
      summary: ['further back in its history than WeStage looks, or gone from it', 'so nothing runs'],
    },
  ],
]

const livedAt = (head: string) => (head === B ? updated() : live())

describe('a preview that people change in the GitOps repo', () => {
  it.each(DEEDS)('is held after %s, which is told once', async (_, { does, head, runs, title, summary }) => {
    const here = await livedAt(head)
    does(here)
    await heard(here)
    expect(shaIn(here)).toBe(runs)
    expect(checkOf(here, head)).toEqual({ check: 'held', deployment: 'inactive' })
    expect(here.github.titleOf(7, head)).toMatch(title)
    for (const words of summary) expect(here.github.summaryOf(7, head)).toContain(words)
    expect(here.github.summaryOf(7, head)).toContain('push a commit, put the label on again, or ask for a re-run')
    expect(here.views()).toMatchObject([{ state: 'held' }])
    // Others go on committing, until who did this is too far back to be found.
    here.gitops.reach = 0
    await expectQuiet(here)
    expect(shaIn(here)).toBe(runs)
  })

  it.each(DEEDS)('is held after %s while no process was there', async (_, { does, head, runs, title }) => {
    const here = await livedAt(head)
    here.killAfter(0)
    does(here)
    here.start()
    await here.settle()
    expect(shaIn(here)).toBe(runs)
    expect(here.github.titleOf(7, head)).toMatch(title)
    await expectQuiet(here)
  })

  it.each(DEEDS)('after %s is made anew by a push', async (_, { does, head }) => {
    const here = await livedAt(head)
    does(here)
    await heard(here)
    const next = 'c'.repeat(40)
    here.github.push(7, next)
    await heard(here)
    expect(shaIn(here)).toBe(next)
    expect(checkOf(here, next)).toEqual({ check: 'live', deployment: 'success' })
  })

  it.each(DEEDS)('after %s is made anew by the label', async (_, { does, head }) => {
    const here = await livedAt(head)
    does(here)
    await heard(here)
    here.github.unlabel(7)
    here.github.label(7)
    await heard(here)
    expect(shaIn(here)).toBe(head)
    expect(checkOf(here, head)).toEqual({ check: 'live', deployment: 'success' })
  })

  it.each(DEEDS)('after %s is made anew by a rerun, by another process too', async (_, { does, head }) => {
    const here = await livedAt(head)
    does(here)
    await heard(here)
    restart(here)
    here.github.requestRerun(7)
    await heard(here)
    expect(shaIn(here)).toBe(head)
    expect(checkOf(here, head)).toEqual({ check: 'live', deployment: 'success' })
    await expectQuiet(here)
  })

  it.each(DEEDS)('after %s goes with its pull request', async (_, { does, head }) => {
    const here = await livedAt(head)
    does(here)
    await heard(here)
    here.github.close(7)
    await heard(here)
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
    expect(checkOf(here, head)).toEqual({ check: 'removed', deployment: 'inactive' })
  })

  it.each(DEEDS)('after %s is live again, without a build, once that is undone', async (_, { does, head }) => {
    const here = await livedAt(head)
    const written = here.gitops.tip().get(FOLDER) ?? null
    does(here)
    await heard(here)
    const prepared = here.prepared.length
    here.gitops.merge(new Map([[FOLDER, written]]))
    await heard(here)
    expect(checkOf(here, head)).toEqual({ check: 'live', deployment: 'success' })
    expect(here.prepared).toHaveLength(prepared)
    await expectQuiet(here)
  })

  it('is live again long after its commit, which is no reason to call it late', async () => {
    const here = await live()
    here.gitops.revert(FOLDER)
    await heard(here)
    await here.clock.advance(60 * MINUTE)
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.clock.advance(100)
    expect(here.github.titleOf(7, A)).toBe('Committed; waiting for Argo CD')
    await here.settle()
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('is told of a second change by hand like of the first', async () => {
    const here = await live()
    here.gitops.edit(FOLDER, 'note.txt', 'one')
    await heard(here)
    here.gitops.person = 'Ivo Intern'
    here.gitops.remove(FOLDER)
    await heard(here)
    expect(here.github.titleOf(7, A)).toBe('Held: removed by hand in the GitOps repo by Ivo Intern')
    await expectQuiet(here)
  })

  it('while it is on its way is held too', async () => {
    const here = given()
    await here.clock.advance(500)
    expect(checkOf(here, A).check).toBe('running')
    here.gitops.remove(FOLDER)
    await heard(here)
    expect(checkOf(here, A)).toEqual({ check: 'held', deployment: 'inactive' })
  })

  it('is told with whoever is not known where the history is too long', async () => {
    const here = await live()
    here.gitops.remove(FOLDER)
    here.gitops.reach = 0
    await heard(here)
    expect(here.github.summaryOf(7, A)).toContain('further back in its history than WeStage looks')
  })

  it('goes on as if nothing had happened where the branch is forced to another history of the same content', async () => {
    const here = await live()
    here.gitops.rewrite()
    await expectQuiet(here)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('is deployed where the head is one again that it was before another', async () => {
    const here = await updated()
    here.github.push(7, A)
    await heard(here)
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('is brought up where its pull request was closed for a moment, by another process too', async () => {
    const here = await live()
    here.github.close(7)
    here.webhook(7)
    await here.clock.advance(30)
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
    here.killAfter(0)
    here.github.reopen(7)
    here.start()
    await here.settle()
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })
})

describe('many previews that people change in one commit', () => {
  it.each<[string, (here: World, paths: readonly string[]) => void]>([
    ['reverted', ({ gitops }, paths) => gitops.revert(...paths)],
    ['deleted', ({ gitops }, paths) => gitops.remove(...paths)],
    ['gone by a reset', ({ gitops }) => gitops.reset(gitops.commits()[0]?.id ?? '')],
  ])('are each held where they are %s', async (_, does) => {
    const pulls = [1, 2, 3, 4, 5, 6]
    const here = await worldOf(pulls.length, A)
    does(here, pulls.map(folderOf))
    await here.settle()
    for (const pull of pulls) expect(checkOf(here, A, pull)).toEqual({ check: 'held', deployment: 'inactive' })
    expect([...here.gitops.tip().keys()]).toEqual([])
  })

  it('leave the others alone', async () => {
    const here = await worldOf(4, A)
    here.gitops.revert(folderOf(1), folderOf(3))
    await here.settle()
    expect([1, 2, 3, 4].map((pull) => checkOf(here, A, pull).check)).toEqual(['held', 'live', 'held', 'live'])
  })
})

describe('the page of a run', () => {
  const changesOf = (here: World) => here.runs.all().at(-1)?.changes() ?? []

  it('shows what was changed by hand of what the run wrote, until that is undone', async () => {
    const here = await live()
    const path = manifestIn(here)
    here.gitops.edit(FOLDER, path, `${here.gitops.tip().get(FOLDER)?.get(path)}by: hand\n`)
    await heard(here)
    expect(changesOf(here)).toEqual([`--- ${path}`, '+by: hand'])
    expect(here.runs.all()).toHaveLength(1)
    here.gitops.revert(FOLDER)
    await heard(here)
    expect(changesOf(here)).toEqual([])
  })

  it('says of a Secret that it was changed, and nothing of its values', async () => {
    const here = await live()
    here.gitops.edit(FOLDER, 'manifests/secret-db.yaml', 'kind: Secret\nstringData: { password: correct-horse }\n')
    await heard(here)
    expect(changesOf(here)).toEqual([
      'manifests/secret-db.yaml was changed; it holds a Secret, whose values are not shown.',
    ])
  })
})
