import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { repositoryApi } from '../../../src/adapters/registry/api.ts'
import { imageFacts } from '../../../src/adapters/registry/image-facts.ts'
import { answering } from '../../servers/answering.ts'
import { startMemoryRegistry } from '../../servers/memory-registry.ts'
import { pushImage, pushIndex } from '../../servers/push-image.ts'

const never = new AbortController().signal
const factsOf = (host: string, digest: string) =>
  imageFacts(
    repositoryApi({ registry: host, repository: 'app' }, { plainHttp: true, credentials: null }),
    digest,
    never,
  )
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** Gives these texts under their digests, and says what it was asked for. */
async function registryOf(texts: readonly string[]) {
  const asked: string[] = []
  const host = await answering((request, response) => {
    const digest = request.url?.split('/').at(-1) ?? ''
    asked.push(digest)
    const found = texts.find((text) => digestOf(text) === digest)
    response.writeHead(found === undefined ? 404 : 200).end(found)
  })
  return { host, asked }
}

it('reads when an image was built and its labels; of several platforms the newest, and the labels of all', async () => {
  const registry = await startMemoryRegistry()
  const base = `http://${registry.host}`
  const older = { created: '2026-01-01T00:00:00Z', labels: { a: '1' } }
  const amd = await pushImage(base, 'app', 'amd', {}, older)
  const arm = await pushImage(base, 'app', 'arm', {}, { created: '2026-01-02T00:00:00Z', labels: { b: '2' } })
  expect(await factsOf(registry.host, amd)).toEqual({
    children: [],
    createdMs: Date.UTC(2026, 0, 1),
    labels: { a: '1' },
  })
  expect(await factsOf(registry.host, await pushIndex(base, 'app', 'both', [amd, arm]))).toEqual({
    children: [amd, arm],
    createdMs: Date.UTC(2026, 0, 2),
    labels: { a: '1', b: '2' },
  })
  await registry.close()
})

it('knows nothing of what is not there or is no image', async () => {
  const { host } = await registryOf(['{"schemaVersion":2}', 'no JSON'])
  const nothing = { children: [], createdMs: null, labels: {} }
  for (const text of ['{"schemaVersion":2}', 'no JSON', 'not there']) {
    expect(await factsOf(host, digestOf(text))).toEqual(nothing)
  }
})

it('asks for none of the layers that BuildKit’s cache lists', async () => {
  const config = '{"created":"2026-01-01T00:00:00Z"}'
  const manifest = JSON.stringify({ config: { digest: digestOf(config) } })
  const layers = Array.from({ length: 50 }, (_, nth) => ({ mediaType: LAYER, digest: digestOf(`layer ${nth}`) }))
  const index = JSON.stringify({ manifests: [...layers, { mediaType: MANIFEST, digest: digestOf(manifest) }] })
  const { host, asked } = await registryOf([config, manifest, index])
  expect(await factsOf(host, digestOf(index))).toMatchObject({ createdMs: Date.UTC(2026, 0, 1) })
  expect(asked).toEqual([digestOf(index), digestOf(manifest), digestOf(config)])
})
