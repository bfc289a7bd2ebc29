import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Connected, connected, forever, REPO } from './connected.ts'

describe('the archive of a commit', () => {
  let world: Connected
  let sha = ''
  beforeEach(async () => {
    world = await connected()
    sha = world.github.headOf(REPO, world.key.pull)
  })
  afterEach(() => world.github.close())

  const tarball = (at = sha, signal = forever) => world.connection.archives.tarball(world.key.repositoryId, at, signal)

  it('comes as a stream of a gzipped tar of exactly that commit', async () => {
    world.github.push(REPO, world.key.pull, { 'later.txt': 'later' })
    const bytes = gunzipSync(await buffer(await tarball()))
    expect(bytes.subarray(257, 262).toString()).toBe('ustar')
    expect(bytes.includes('README.md')).toBe(true)
    expect(bytes.includes('later.txt')).toBe(false)
  })

  it('is the author’s to mend where the commit is gone', async () => {
    await expect(tarball('0'.repeat(40))).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'author',
      message: expect.stringContaining('0000000'),
    })
  })

  it('is found in a repo that was renamed', async () => {
    await tarball().then((stream) => stream.destroy())
    world.github.renameRepository(REPO, 'acme/store')
    expect((await buffer(await tarball())).byteLength).toBeGreaterThan(0)
  })

  it('fails where GitHub fails, and is not called gone', async () => {
    world.github.fail({ path: /^\/codeload/ }, { kind: 'status', status: 502 })
    await expect(tarball()).rejects.toThrow(/502/)
    world.github.fail({ path: /^\/codeload/ }, { kind: 'cut', when: 'before' })
    await expect(tarball()).rejects.not.toMatchObject({ name: 'Terminal' })
  })

  it('is an error where it is cut, never a shorter archive', async () => {
    world.github.fail({ path: /^\/codeload/ }, { kind: 'cut', when: 'midway' })
    const stream = await tarball()
    await expect(buffer(stream)).rejects.toThrow()
  })

  it('is an error for who begins to read it after it was cut', async () => {
    world.github.fail({ path: /^\/codeload/ }, { kind: 'cut', when: 'midway' })
    const stream = await tarball()
    stream.read(0)
    await vi.waitFor(() => expect(stream.errored).not.toBeNull(), { timeout: 5_000, interval: 10 })
    await expect(buffer(stream)).rejects.toThrow()
  })

  it('shows no token where the bytes are', async () => {
    await expect(tarball().then(buffer)).resolves.toBeInstanceOf(Buffer)
    world.github.fail({ path: /^\/codeload/ }, { kind: 'status', status: 500 })
    const error: unknown = await tarball().catch((thrown: unknown) => thrown)
    expect(String(error)).not.toMatch(/token=|ghs_/)
  })

  it('ends within a second of an abort, before and while it comes', async () => {
    const stop = new AbortController()
    world.github.fail({ path: /^\/codeload/ }, { kind: 'delay', ms: 1_500 })
    setTimeout(() => stop.abort(new Error('superseded')), 100)
    const startedAtMs = performance.now()
    await expect(tarball(sha, stop.signal)).rejects.toThrow('superseded')
    expect(performance.now() - startedAtMs).toBeLessThan(1_000)

    const later = new AbortController()
    const stream = await tarball(sha, later.signal)
    later.abort(new Error('superseded'))
    await expect(buffer(stream)).rejects.toThrow('superseded')
  })
})
