import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { configMap, deployment, type GitOpsRepo, gitOpsRepo, ingress } from '../../adapters/argocd/gitops-repo.ts'
import { type ArgoCdStandIn, startArgoCdStandIn } from './start-argocd-standin.ts'

let repo: GitOpsRepo
let standIn: ArgoCdStandIn

beforeEach(async () => {
  repo = gitOpsRepo()
  standIn = await startArgoCdStandIn({
    gitUrl: repo.url,
    branch: 'main',
    instance: 'westage',
    pollMs: 60_000,
    delays: { compareMs: 0, syncMs: 0, startMs: 100, removeMs: 0 },
  })
})
afterEach(async () => {
  await standIn.close()
  repo.remove()
})

async function visit(host: string): Promise<{ status: number; page: string }> {
  return new Promise((resolve, reject) => {
    request(`http://${standIn.previewAddress}`, { headers: { host } }, (response) => {
      text(response).then((page) => resolve({ status: response.statusCode ?? 0, page }), reject)
    })
      .on('error', reject)
      .end()
  })
}
const until = (condition: () => unknown) => vi.waitFor(condition, { timeout: 10_000, interval: 10 })
const statuses = () => standIn.applications().map(({ status }) => status)
const manifestsOf = (sha: string, greeting: string, image = 'web:1') => ({
  'deployment.yaml': deployment(image, sha),
  'ingress.yaml': ingress('feature-shop.example.test'),
  'configmap.yaml': configMap(greeting),
})

describe('The stand-in for Argo CD', () => {
  it("answers for a preview's host from the moment it is healthy, with what was applied, until it is gone", async () => {
    expect((await visit('feature-shop.example.test')).status).toBe(404)
    repo.commit(7, manifestsOf('aaa', 'hello'))
    await standIn.refresh()
    await until(async () => expect((await visit('feature-shop.example.test:8080')).status).toBe(503))
    await until(async () => expect((await visit('feature-shop.example.test')).status).toBe(200))
    const { page } = await visit('feature-shop.example.test')
    expect(page).toMatch(/stand-in/)
    expect(page).toContain('shop/feature at aaa')
    expect(page).toContain('hello')

    repo.commit(7, manifestsOf('bbb', 'good morning'))
    await standIn.refresh()
    await until(async () => expect((await visit('feature-shop.example.test')).page).toContain('good morning'))

    repo.commit(7, null)
    await standIn.refresh()
    await until(() => expect(standIn.applications()).toEqual([]))
    expect((await visit('feature-shop.example.test')).status).toBe(404)
  })

  it('goes on answering with the last healthy state while a new one is not', async () => {
    repo.commit(7, manifestsOf('aaa', 'hello'))
    await standIn.refresh()
    await until(() => expect(statuses()).toMatchObject([{ health: { status: 'Healthy' } }]))
    repo.commit(7, manifestsOf('bbb', 'bye', 'registry.test/does-not-exist/web:1'))
    await standIn.refresh()
    await until(() => expect(statuses()).toMatchObject([{ health: { status: 'Degraded' } }]))
    expect((await visit('feature-shop.example.test')).page).toContain('hello')
  })

  it('compares every Application with the new tip, and syncs only those that changed', async () => {
    const first = repo.commit(7, { 'a.yaml': configMap('hello') })
    await standIn.refresh()
    await until(() => expect(statuses()).toMatchObject([{ sync: { status: 'Synced' } }]))
    const second = repo.commit(8, { 'a.yaml': configMap('hello') })
    await standIn.refresh()
    await until(() =>
      expect(statuses()).toMatchObject([
        { sync: { status: 'Synced', revision: second }, operationState: { syncResult: { revision: first } } },
        { sync: { status: 'Synced', revision: second }, operationState: { syncResult: { revision: second } } },
      ]),
    )
  })

  it('makes a preview anew that comes back while it is being deleted', async () => {
    repo.commit(7, manifestsOf('aaa', 'hello'))
    await standIn.refresh()
    await until(() => expect(statuses()).toMatchObject([{ health: { status: 'Healthy' } }]))
    const uid = standIn.applications()[0]?.metadata.uid
    repo.commit(7, null)
    await standIn.refresh()
    repo.commit(7, manifestsOf('aaa', 'hello'))
    await until(async () => {
      await standIn.refresh()
      expect(statuses()).toMatchObject([{ health: { status: 'Healthy' } }])
      expect(standIn.applications()[0]?.metadata.uid).not.toBe(uid)
    })
  })

  it('moves nothing while it is paused, and goes on afterwards', async () => {
    standIn.pause()
    repo.commit(7, { 'a.yaml': configMap('hello') })
    const refreshed = standIn.refresh()
    expect((await visit('any.example.test')).status).toBe(404)
    expect(standIn.applications()).toEqual([])
    standIn.resume()
    await refreshed
    await until(() => expect(statuses()).toMatchObject([{ health: { status: 'Healthy' } }]))
  })

  it('asks for its token, and leaves nothing behind', async () => {
    expect((await fetch(`${standIn.apiUrl}/version`)).status).toBe(401)
    await standIn.close()
    expect(existsSync(standIn.kubeconfigPath)).toBe(false)
    await expect(fetch(`${standIn.apiUrl}/version`)).rejects.toThrow()
  })
})
