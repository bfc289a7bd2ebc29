/** What WeStage said of its previews, where that could not be told to the lanes at once. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { followRunningPreviews, type RunningPreview } from '../../src/wehook/running-previews.ts'

const PREVIEW = { app: 'shop', pull: { number: 1 }, namespace: null, url: null, since: null, callbacks: null }

/** A WeStage that says once which previews run, and is away then. */
async function givenWeStage(): Promise<URL> {
  let asked = 0
  const server = createServer(({ url }, response) => {
    if (url !== '/api/previews' || asked > 0) return response.writeHead(503).end()
    asked += 1
    response.end(JSON.stringify({ previews: [PREVIEW] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return new URL(`http://127.0.0.1:${port}`)
}

it('is told again, and kept, though WeStage is away by then', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const options = { westage: await givenWeStage(), token: 'token', folder, everyMs: 20, now: Date.now }
  const told: (readonly RunningPreview[])[] = []
  let isAway = true
  const follow = async () => {
    const previews = await followRunningPreviews({
      ...options,
      failed: () => {},
      async found(list) {
        if (!isAway) told.push(list)
        else isAway = false
        if (told.length === 0) throw new Error('Redis is away')
      },
    })
    onTestFinished(() => previews.close())
    return previews
  }
  const previews = await follow()
  await expect.poll(() => previews.knownAtMs()).not.toBeNull()
  await previews.close()
  await follow()
  expect(told).toEqual([[PREVIEW], [PREVIEW]])
})
