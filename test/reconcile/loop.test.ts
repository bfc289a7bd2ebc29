import { describe, expect, it } from 'vitest'
import { Terminal } from '../../src/domain/errors.ts'
import { world, worldOf } from '../fakes/world.ts'
import { A, B, checkOf, FOLDER, given, shaIn } from './one-pull.ts'

const C = 'c'.repeat(40)

describe('a labelled pull request', () => {
  it('goes live', async () => {
    const here = given()
    await here.settle()
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('is not told that it is live before Argo CD says so', async () => {
    const here = given()
    await here.clock.advance(900)
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, A)).toEqual({ check: 'running', deployment: 'in_progress' })
  })

  it('is not told that it is live before its hosts answer', async () => {
    const here = given()
    here.silentHosts.add('feat-pay-shop.test')
    await here.clock.advance(60_000)
    expect(checkOf(here, A).check).toBe('running')
    here.silentHosts.clear()
    await here.clock.advance(15_000)
    expect(checkOf(here, A).check).toBe('live')
  })

  it('gets one commit, one Check run and one Deployment, and nothing is written again when nothing changes', async () => {
    const here = given()
    await here.settle()
    const [commits, writes] = [here.gitops.commits().length, here.github.writes()]
    for (let nth = 0; nth < 5; nth++) here.webhook(7)
    await here.settle()
    expect([here.gitops.commits().length, here.github.writes()]).toEqual([commits, writes])
    expect(commits).toBe(2)
  })

  it('is updated by a push, and the older Deployment turns inactive', async () => {
    const here = given()
    await here.settle()
    here.github.push(7, B)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(B)
    expect(here.github.shown()).toEqual({
      [`#7 ${A}`]: { check: 'live', deployment: 'inactive' },
      [`#7 ${B}`]: { check: 'live', deployment: 'success' },
    })
  })

  it('keeps its address when the branch is renamed', async () => {
    const here = given()
    await here.settle()
    const before = here.gitops.tip().get(FOLDER)?.get('preview.yaml')
    here.github.open(7, B, 'another-name')
    here.github.label(7)
    here.webhook(7)
    await here.settle()
    const slug = /slug: .*/
    expect(slug.exec(here.gitops.tip().get(FOLDER)?.get('preview.yaml') ?? '')?.[0]).toBe(slug.exec(before ?? '')?.[0])
    expect(shaIn(here)).toBe(B)
  })

  it('fails on broken manifests with the last good preview still up, and recovers', async () => {
    const here = given()
    await here.settle()
    here.broken.add(B)
    here.github.push(7, B)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, B)).toEqual({ check: 'failed', deployment: 'failure' })
    expect(here.github.titleOf(7, B)).toBe('Failed in render: k8s/kustomization.yaml: no such resource ***')
    expect(here.views()[0]?.reason).toBe('k8s/kustomization.yaml: no such resource ***')
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
    here.github.push(7, C)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(C)
    expect(here.github.shown()).toMatchObject({
      [`#7 ${A}`]: { deployment: 'inactive' },
      [`#7 ${B}`]: { deployment: 'inactive' },
      [`#7 ${C}`]: { check: 'live', deployment: 'success' },
    })
  })

  it('that failed for good is not tried again by a restart or a redelivered webhook', async () => {
    const here = given()
    here.broken.add(A)
    await here.settle()
    here.broken.clear()
    here.webhook(7)
    await here.settle()
    here.killAfter(0)
    here.start()
    await here.settle()
    expect(checkOf(here, A).check).toBe('failed')
    expect(here.prepared).toEqual([])
  })

  it('that failed is tried again when a rerun is requested, even where the webhook was lost and the process restarted', async () => {
    const here = given()
    here.broken.add(A)
    await here.settle()
    here.broken.clear()
    here.github.requestRerun(7)
    here.killAfter(0)
    here.start()
    await here.settle()
    expect(checkOf(here, A).check).toBe('live')
  })

  it('that failed is tried again when the label is put on again', async () => {
    const here = given()
    here.broken.add(A)
    await here.settle()
    here.broken.clear()
    here.github.unlabel(7)
    here.github.label(7)
    here.webhook(7)
    await here.settle()
    expect(checkOf(here, A).check).toBe('live')
  })

  it('whose pods crash fails with the object, and is live by itself once they recover', async () => {
    const here = given()
    here.argocd.crashing.add(A)
    await here.clock.advance(60_000)
    expect(checkOf(here, A)).toEqual({ check: 'failed', deployment: 'failure' })
    expect(here.views()[0]?.reason).toContain('Deployment/web')
    here.argocd.crashing.clear()
    here.argocd.recover(FOLDER)
    await here.settle()
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('whose hosts never answer fails at the deadline', async () => {
    const here = given()
    here.silentHosts.add('feat-pay-shop.test')
    await here.clock.advance(500_000)
    expect(checkOf(here, A).check).toBe('running')
    await here.clock.advance(200_000)
    expect(checkOf(here, A).check).toBe('failed')
    here.silentHosts.clear()
  })

  it('waits for the image that CI pushes without holding anything up', async () => {
    const here = given()
    here.unbuilt.add(A)
    await here.clock.advance(300_000)
    expect(checkOf(here, A).check).toBe('running')
    expect(here.github.titleOf(7, A)).toBe('Waiting: no image yet')
    expect(here.preparing()).toBe(0)
    here.unbuilt.clear()
    await here.settle()
    expect(checkOf(here, A).check).toBe('live')
  })

  it('does not wait for that image for ever', async () => {
    const here = given()
    here.unbuilt.add(A)
    for (let nth = 0; nth < 3; nth++) await here.settle()
    expect(checkOf(here, A).check).toBe('failed')
    expect(here.github.titleOf(7, A)).toContain('Gave up after 30 min: no image yet')
  })
})

describe('the end of a preview', () => {
  it.each(['close', 'unlabel'] as const)(
    '%s removes the folder in one commit and turns the Deployment inactive once the Application is gone',
    async (end) => {
      const here = given()
      await here.settle()
      const commits = here.gitops.commits().length
      here.github[end](7)
      here.webhook(7)
      await here.clock.advance(450)
      expect(here.gitops.tip().has(FOLDER)).toBe(false)
      expect(checkOf(here, A).deployment).toBe('success')
      await here.settle()
      expect(here.gitops.commits().length).toBe(commits + 1)
      expect(here.argocd.all()).toEqual([])
      expect(checkOf(here, A)).toEqual({ check: 'removed', deployment: 'inactive' })
    },
  )

  it('is undone by a reopen', async () => {
    const here = given()
    await here.settle()
    here.github.close(7)
    here.webhook(7)
    await here.settle()
    here.github.reopen(7)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, A)).toEqual({ check: 'live', deployment: 'success' })
  })

  it('ends the run that is under way', async () => {
    const here = given()
    here.prepareMs = 120_000
    await here.clock.advance(1_000)
    expect(here.preparing()).toBe(1)
    here.github.close(7)
    here.webhook(7)
    await here.clock.advance(100)
    expect(here.preparing()).toBe(0)
    await here.settle()
    expect(here.gitops.commits().length).toBe(1)
    expect(checkOf(here, A)).toEqual({ check: 'removed', deployment: 'inactive' })
  })

  it('is found by a restart when it was told to no process', async () => {
    const here = given()
    await here.settle()
    here.killAfter(0)
    here.github.close(7)
    here.start()
    await here.settle()
    expect(here.gitops.tip().has(FOLDER)).toBe(false)
    expect(checkOf(here, A)).toEqual({ check: 'removed', deployment: 'inactive' })
  })
})

describe('a newer push', () => {
  it('aborts the older run within a second, and only the newest revision is ever live', async () => {
    const here = given()
    here.prepareMs = 120_000
    await here.clock.advance(1_000)
    here.github.push(7, B)
    here.webhook(7)
    here.prepareMs = 200
    await here.clock.advance(1_000)
    expect(here.prepared).toEqual([B])
    await here.settle()
    expect(here.github.shown()).toEqual({
      [`#7 ${A}`]: { check: 'superseded', deployment: 'inactive' },
      [`#7 ${B}`]: { check: 'live', deployment: 'success' },
    })
  })

  it('back to an older commit brings that one back', async () => {
    const here = given()
    await here.settle()
    for (const head of [B, A]) {
      here.github.push(7, head)
      here.webhook(7)
      await here.settle()
    }
    expect(shaIn(here)).toBe(A)
    expect(here.github.shown()).toMatchObject({
      [`#7 ${A}`]: { check: 'live', deployment: 'success' },
      [`#7 ${B}`]: { deployment: 'inactive' },
    })
  })
})

describe('a person in the GitOps repo', () => {
  it('who reverts a preview is left alone until the pull request moves', async () => {
    const here = given()
    await here.settle()
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe('none')
    expect(checkOf(here, A).check).toBe('held')
    here.killAfter(0)
    here.start()
    await here.settle()
    expect(shaIn(here)).toBe('none')
    here.github.push(7, B)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(B)
    expect(checkOf(here, B).check).toBe('live')
  })

  it('who reverts a preview before the next pass has seen it is heard all the same', async () => {
    const here = given()
    await here.clock.advance(60_000)
    expect(shaIn(here)).toBe(A)
    here.gitops.revert(FOLDER)
    await here.settle()
    expect(shaIn(here)).toBe('none')
    expect(checkOf(here, A).check).toBe('held')
  })

  it('who reverts an update keeps the older revision there', async () => {
    const here = given()
    await here.settle()
    here.github.push(7, B)
    here.webhook(7)
    await here.settle()
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, B).check).toBe('held')
  })

  it('gets the preview back by putting the label on again', async () => {
    const here = given()
    await here.settle()
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.settle()
    here.github.unlabel(7)
    here.github.label(7)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(A)
    expect(checkOf(here, A).check).toBe('live')
  })

  it('who brings a closed preview back keeps it', async () => {
    const here = given()
    await here.settle()
    here.github.close(7)
    here.webhook(7)
    await here.settle()
    here.gitops.revert(FOLDER)
    here.webhook(7)
    await here.settle()
    expect(shaIn(here)).toBe(A)
  })
})

describe('trouble of the platform', () => {
  it('is said, and the run goes on when it is over', async () => {
    const here = given()
    here.gitops.fail(new Error('connection refused'))
    here.webhook(7)
    await here.clock.advance(60_000)
    expect(here.github.titleOf(7, A)).toMatch(/^Waiting to try again in/)
    here.gitops.fail(null)
    await here.settle()
    expect(checkOf(here, A).check).toBe('live')
  })

  it('never removes a preview, even where every request to GitHub fails', async () => {
    const here = given()
    await here.settle()
    here.github.fail(new Error('502'))
    here.webhook(7)
    await here.settle()
    here.killAfter(0)
    here.start()
    await here.settle()
    expect(shaIn(here)).toBe(A)
  })

  it('that the operator must mend fails the Check with the reason', async () => {
    const here = given()
    here.gitops.failCommits(new Terminal('the branch is protected', { whose: 'operator' }))
    await here.settle()
    expect(here.github.titleOf(7, A)).toBe('Failed in commit: the branch is protected')
    expect(here.logged.filter((line) => line.includes('the branch is protected'))).toHaveLength(1)
  })

  it('stops a pass that would remove many previews until a second one agrees', async () => {
    const here = await worldOf(10, A)
    expect(here.gitops.tip().size).toBe(10)
    here.killAfter(0)
    for (let number = 1; number <= 5; number++) here.github.close(number)
    here.start()
    await here.clock.advance(60_000)
    expect(here.gitops.tip().size).toBe(10)
    expect(here.logged.join('\n')).toContain('until a second complete pass agrees')
    await here.settle()
    expect(here.gitops.tip().size).toBe(5)
  })
})

describe('what gets no preview', () => {
  it('a pull request from a fork is refused, and its Check says so', async () => {
    const here = world()
    here.github.open(7, A)
    here.github.label(7)
    here.github.fork(7)
    here.start()
    await here.settle()
    expect(here.github.shown()).toEqual({ [`#7 ${A}`]: { check: 'refused', deployment: 'none' } })
    expect(here.prepared).toEqual([])
  })

  it('a pull request without the label is not told anything', async () => {
    const here = given({ labelled: false })
    here.webhook(7)
    await here.settle()
    expect(here.github.shown()).toEqual({})
    expect(here.github.writes()).toBe(0)
  })
})
