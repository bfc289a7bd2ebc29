/** A person pushes to the GitOps repo: what its webhook is for, and what becomes of a push whose webhook was lost. */
import { describe, expect, it } from 'vitest'
import { worldOf } from '../fakes/world.ts'

const A = 'a'.repeat(40)
const SECOND = 1_000
const RESYNC_MS = 300_000
const folderOf = (pull: number) => `previews/shop/pr-${pull}`

describe('a revert in the GitOps repo', () => {
  it('is heard at once where its webhook comes, and no other pull request is asked about', async () => {
    const here = await worldOf(20, A)
    const reads = here.github.reads()
    here.gitops.revert(folderOf(7))
    here.pushWebhook()
    await here.clock.advance(SECOND)
    expect(here.github.shown()[`#7 ${A}`]?.check).toBe('held')
    expect(here.github.reads()).toBe(reads + 1)
  })

  it('is heard at the next pass where its webhook was lost', async () => {
    const here = await worldOf(2, A)
    here.gitops.revert(folderOf(2))
    await here.clock.advance(SECOND)
    expect(here.github.shown()[`#2 ${A}`]?.check).toBe('live')
    await here.clock.advance(RESYNC_MS)
    expect(here.github.shown()[`#2 ${A}`]?.check).toBe('held')
  })

  it('is heard at the next pass where the look at it failed, which operators are told', async () => {
    const here = await worldOf(2, A)
    here.gitops.revert(folderOf(2))
    here.gitops.fail(new Error('the git host is down'))
    here.pushWebhook()
    await here.clock.advance(SECOND)
    here.gitops.fail(null)
    expect(here.logged.at(-1)).toMatch(/^warn: could not look at the GitOps repo.*the git host is down$/)
    await here.clock.advance(RESYNC_MS)
    expect(here.github.shown()[`#2 ${A}`]?.check).toBe('held')
  })
})

describe('other things that people do in the GitOps repo', () => {
  it('are heard at once where they put something into common/, which is in every preview then', async () => {
    const here = await worldOf(3, A)
    here.gitops.putCommon('common/settings.yaml', '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}\n')
    here.pushWebhook()
    await here.clock.advance(30 * SECOND)
    const { id } = await here.gitops.common('shop', new AbortController().signal)
    for (const pull of [1, 2, 3]) expect(here.gitops.tip().get(folderOf(pull))?.get('preview.yaml')).toContain(id)
  })

  it('are heard at once where they bring back what was removed, and where they remove that again', async () => {
    const here = await worldOf(2, A)
    here.github.close(1)
    here.webhook(1)
    await here.clock.advance(60 * SECOND)
    expect(here.github.shown()[`#1 ${A}`]).toEqual({ check: 'removed', deployment: 'inactive' })
    here.gitops.revert(folderOf(1))
    here.pushWebhook()
    await here.clock.advance(60 * SECOND)
    expect(here.github.shown()[`#1 ${A}`]).toEqual({ check: 'live', deployment: 'success' })
    here.gitops.remove(folderOf(1))
    here.pushWebhook()
    await here.clock.advance(60 * SECOND)
    expect(here.github.shown()[`#1 ${A}`]).toEqual({ check: 'removed', deployment: 'inactive' })
  })
})

describe("a webhook of WeStage's own push", () => {
  it('asks GitHub nothing, however often it comes', async () => {
    const here = await worldOf(3, A)
    const [reads, writes] = [here.github.reads(), here.github.writes()]
    for (let nth = 0; nth < 10; nth++) here.pushWebhook()
    await here.clock.advance(SECOND)
    expect([here.github.reads(), here.github.writes()]).toEqual([reads, writes])
  })
})
