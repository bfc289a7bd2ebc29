import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startMemoryRegistry } from './memory-registry.ts'
import { pushImage } from './push-image.ts'
import type { RunningRegistry } from './registry.ts'

let registry: RunningRegistry
beforeAll(async () => {
  registry = await startMemoryRegistry()
})
afterAll(() => registry.close())

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
const url = (path: string) => new URL(path, `http://${registry.host}`)
async function begin(): Promise<URL> {
  const response = await fetch(url('/v2/team/app/blobs/uploads/'), { method: 'POST' })
  return url(response.headers.get('location') ?? '')
}

it('takes a blob in chunks that follow one another', async () => {
  const upload = await begin()
  const patch = (body: string, range: string) =>
    fetch(upload, { method: 'PATCH', body, headers: { 'content-range': range } })
  expect((await patch('hello ', '0-5')).headers.get('range')).toBe('0-5')
  expect((await patch('again', '0-4')).status).toBe(416)
  expect((await patch('world', '6-10')).headers.get('range')).toBe('0-10')
  const digest = sha256('hello world')
  expect((await fetch(`${upload}?digest=${digest}`, { method: 'PUT' })).status).toBe(201)
  expect(await (await fetch(url(`/v2/team/app/blobs/${digest}`))).text()).toBe('hello world')
})

it('refuses a blob whose digest is another', async () => {
  const upload = await begin()
  expect((await fetch(`${upload}?digest=${sha256('a')}`, { method: 'PUT', body: 'b' })).status).toBe(400)
  expect((await fetch(url(`/v2/team/app/blobs/${sha256('a')}`))).status).toBe(404)
})

it('refuses a manifest whose layers it does not have', async () => {
  const manifest = JSON.stringify({ config: { digest: sha256('x') }, layers: [{ digest: sha256('y') }] })
  const put = await fetch(url('/v2/team/app/manifests/v1'), { method: 'PUT', body: manifest })
  expect(put.status).toBe(404)
  expect(await put.json()).toMatchObject({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] })
})

it('gives a manifest by tag and by digest, to HEAD and to GET', async () => {
  const digest = await pushImage(`http://${registry.host}`, 'team/app', 'v1')
  for (const reference of ['v1', digest]) {
    const head = await fetch(url(`/v2/team/app/manifests/${reference}`), { method: 'HEAD' })
    expect(head.headers.get('docker-content-digest')).toBe(digest)
    const text = await (await fetch(url(`/v2/team/app/manifests/${reference}`))).text()
    expect(sha256(text)).toBe(digest)
    expect(head.headers.get('content-length')).toBe(String(text.length))
  }
})
