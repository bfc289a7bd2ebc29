import { describe, expect, it } from 'vitest'
import { keyText, type PreviewKey } from '../../src/domain/key.ts'
import { gitopsChanges } from '../../src/reconcile/gitops-changes.ts'
import { resync } from '../../src/reconcile/resync.ts'
import { changeOf, folderOf, world as gitWorld, never, previewOf } from '../adapters/gitops/gitops-world.ts'
import { gitHubInMemory } from '../fakes/github-in-memory.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'

const QUICK = { pushes: { perMinute: 6000, burst: 100 } }

/** Previews of these apps in a real GitOps repo, one push each, and looks at it; all of them are known. */
async function given(previews: Readonly<Record<string, readonly number[]>>) {
  const git = await gitWorld()
  const branch = git.open({ ...QUICK, parsePreview })
  const known: { key: PreviewKey; folder: string }[] = []
  for (const [app, pulls] of Object.entries(previews)) {
    const commits = pulls.map((pull) => branch.commit(previewAt(app, pull, 'aaa'), never))
    await Promise.all(commits)
    for (const pull of pulls) known.push({ key: { repositoryId: 1, pull, app }, folder: folderOf(pull, app) })
  }
  await branch.folders(never)
  const look = gitopsChanges({ branch, known: () => known, log: () => {} })
  return {
    ...git,
    branch,
    known,
    /** The keys that a look enqueues, and how many requests to the GitOps repo it takes. */
    async looked() {
      const keys: string[] = []
      const before = git.server.requests().length
      await look((key) => keys.push(keyText(key)), never)
      return { keys: keys.toSorted(), requests: git.server.requests().length - before }
    },
  }
}

/** preview.yaml of these tests: `<app> <pull> <common>`. */
const parsePreview = (text: string) => {
  const [app = '', pull = '', common = ''] = text.trimEnd().split(' ')
  const preview = previewOf('aaa')
  return { preview: { ...preview, app, common, pull: { ...preview.pull, number: Number(pull) } } }
}

const previewAt = (app: string, pull: number, sha: string, common = '', onto: string | null = null) => ({
  ...changeOf(pull, sha, onto, app),
  files: new Map([
    ['preview.yaml', `${app} ${pull} ${common}\n`],
    ['manifests/deployment-web.yaml', `image: ${sha}\n`],
  ]),
})

describe('a look at the GitOps repo', () => {
  it('enqueues nothing and takes one request where nobody but WeStage pushed', async () => {
    const here = await given({ shop: [1, 2, 3] })
    const { tree } = await here.branch.folder(folderOf(2), never)
    await here.branch.commit(previewAt('shop', 2, 'bbb', '', tree), never)
    expect(await here.looked()).toEqual({ keys: [], requests: 1 })
  })

  it('enqueues those whose folders people changed, removed or brought back, each once, and no others', async () => {
    const here = await given({ shop: [1, 2, 3, 4], api: [1, 2] })
    const removed = await here.branch.commit(
      { ...changeOf(4, null, (await here.branch.folder(folderOf(4), never)).tree) },
      never,
    )
    here.known.splice(3, 1)
    await here.person(
      ['revert', '--no-edit', removed.commit],
      ['rm', '-q', '-r', folderOf(2)],
      ['commit', '-q', '-m', 'Away with it'],
      ['rm', '-q', `${folderOf(1, 'api')}/manifests/deployment-web.yaml`],
      ['commit', '-q', '-m', 'Try without'],
    )
    expect((await here.looked()).keys).toEqual(['1/1/api', '1/2/shop', '1/4/shop'])
    expect(await here.looked()).toEqual({ keys: [], requests: 1 })
  })

  it('knows whose a folder was that is gone, even where two repos have an app of that name', async () => {
    const here = await given({ shop: [1] })
    here.known.push({ key: { repositoryId: 2, pull: 1, app: 'shop' }, folder: folderOf(1) })
    await here.person(['rm', '-q', '-r', folderOf(1)], ['commit', '-q', '-m', 'Away with it'])
    expect((await here.looked()).keys).toEqual(['1/1/shop', '2/1/shop'])
  })

  it('enqueues the previews of the apps for which common/ holds something else by now', async () => {
    const here = await given({})
    const common = async (app: string) => (await here.branch.common(app, never)).id
    for (const app of ['shop', 'api']) await here.branch.commit(previewAt(app, 1, 'aaa', await common(app)), never)
    await here.person(
      ['mv', 'README.md', 'common/README.md'],
      ['commit', '-q', '-m', 'No manifest, so nothing changes'],
    )
    expect((await here.looked()).keys).toEqual([])
    await here.person(
      ['mv', '-k', 'common/network-policy.yaml', 'common/policy.yaml'],
      ['commit', '-q', '-m', 'Named anew'],
    )
    expect((await here.looked()).keys).toEqual(['1/1/api', '1/1/shop'])
  })

  it('that failed leaves what it has missed to the next pass', async () => {
    const here = await given({ shop: [1, 2] })
    const pass = passesOver(here)
    await pass()
    await here.person(['rm', '-q', '-r', folderOf(2)], ['commit', '-q', '-m', 'Away with it'])
    here.server.inject('upload-pack', { kind: 'status', status: 500 })
    await expect(here.looked()).rejects.toThrow('500')
    expect(await pass()).toMatchObject({ keys: ['1/2/shop'] })
  })
})

describe('a pass', () => {
  it('with nothing changed is one request to the GitOps repo, however many previews there are', async () => {
    const here = await given({ shop: Array.from({ length: 120 }, (_, at) => at + 1) })
    const pass = passesOver(here)
    await pass()
    for (let nth = 0; nth < 3; nth++) expect(await pass()).toEqual({ keys: [], requests: 1 })
  })

  it('finds what people did where the webhook of their push was lost', async () => {
    const here = await given({ shop: [1, 2, 3] })
    const pass = passesOver(here)
    await pass()
    await here.person(
      ['rm', '-q', '-r', folderOf(2)],
      ['rm', '-q', `${folderOf(3)}/manifests/deployment-web.yaml`],
      ['commit', '-q', '-m', 'Away with it'],
    )
    expect((await pass()).keys).toEqual(['1/2/shop', '1/3/shop'])
  })
})

/** Passes over that repo and a GitHub on which nothing ever changes; what they enqueued, and their requests to the repo. */
function passesOver({ branch, server, known }: Awaited<ReturnType<typeof given>>) {
  const clock = virtualClock()
  const pulls = gitHubInMemory(clock, { id: 1, name: 'acme/shop' }, 'shop')
  const head = 'a'.repeat(40)
  const trees = new Map<string, string | null>()
  for (const { key } of known) {
    pulls.open(key.pull, head, `branch-${key.pull}`)
    pulls.label(key.pull)
  }
  const passes = resync({
    pulls,
    branch,
    clock,
    appsOf: () => ['shop'],
    alive: () => known.map(({ key, folder }) => ({ key, head, tree: trees.get(folder) ?? null })),
    isKept: () => false,
    log: () => {},
  })
  return async () => {
    const keys: string[] = []
    const before = server.requests().length
    await passes.pass('changed', (key) => keys.push(keyText(key)), never)
    const requests = server.requests().length - before
    for (const { path, tree } of await branch.folders(never)) trees.set(path, tree)
    return { keys: keys.toSorted(), requests }
  }
}
