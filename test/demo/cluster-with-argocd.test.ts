import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasArgoCd } from './cluster-with-argocd.ts'
import { freePort } from './free-port.ts'

let dir = ''
let status = 200
const api = createServer((_, response) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end('{"kind":"List","metadata":{},"items":[]}')
})

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'demo-cluster-'))
})

afterEach(async () => {
  if (api.listening) {
    api.closeAllConnections()
    api.close()
  }
  await rm(dir, { recursive: true, force: true })
})

async function kubeconfigOf(port: number): Promise<string> {
  const file = join(dir, 'kubeconfig')
  const cluster = { name: 'here', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }
  const contexts = [{ name: 'here', context: { cluster: 'here', user: 'me' } }]
  const users = [{ name: 'me', user: {} }]
  const config = { apiVersion: 'v1', kind: 'Config', 'current-context': 'here', clusters: [cluster], contexts, users }
  await writeFile(file, JSON.stringify(config))
  return file
}

async function listening(answer: number): Promise<string> {
  status = answer
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  const address = api.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return await kubeconfigOf(address.port)
}

describe('a kubeconfig given to the demo', () => {
  it('has Argo CD where its cluster knows Applications', async () => {
    expect(await hasArgoCd(await listening(200), 'argocd')).toBe(true)
  })

  it('has none where its cluster does not know them', async () => {
    expect(await hasArgoCd(await listening(404), 'argocd')).toBe(false)
  })

  it('is refused, with its name and the reason, where the cluster says no or is not there', async () => {
    const file = await listening(403)
    await expect(hasArgoCd(file, 'argocd')).rejects.toThrow(`The cluster of ${file} can't be asked`)
    await expect(hasArgoCd(await kubeconfigOf(await freePort()), 'argocd')).rejects.toThrow(
      /can't be asked.*ECONNREFUSED/,
    )
    await expect(hasArgoCd(join(dir, 'none'), 'argocd')).rejects.toThrow(/can't be asked.*ENOENT/)
  })
})
