/** What buildah's stores keep from one build to the next, and what is swept from them. */
import { access, chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { buildahOn } from './buildah-stores.ts'
import { givenBuildah } from './given-buildah.ts'
import { repoOf, requestFor } from './repo-on-disk.ts'

const here = await givenBuildah()
const never = new AbortController().signal
const quiet = () => {}
afterAll(() => here.close())

describe.skipIf(here.isSkipped)(here.named, () => {
  it('reuses the layers of the build before, and keeps no image of a build that a newer one replaced', async () => {
    const files = { Dockerfile: 'FROM scratch\nCOPY kept /\nCOPY changing /\n', kept: 'a', changing: 'b' }
    const lines: string[] = []
    let first: number | null = null
    for (const changing of ['1', '2', '3']) {
      const request = requestFor(await repoOf({ ...files, changing }), { app: 'layers', sha: changing.repeat(40) })
      await (await here.builder()).build(request, (line) => lines.push(line), never)
      const images = async () => (await here.listOf('layers', 'images')).length
      first ??= await images()
      await vi.waitFor(async () => expect(await images()).toBe(first), 5000)
      await vi.waitFor(async () => expect(await readdir(await here.storeOf('layers'))).not.toContain('work'), 5000)
    }
    expect(lines.filter((line) => line.includes('Using cache'))).toHaveLength(2)
  })

  it('waits for the layers of a build that was just over rather than begin without any', async () => {
    const [image, lines] = [await here.builder(), [] as string[]]
    const files = { Dockerfile: 'FROM scratch\nCOPY kept /\nCOPY changing /\n', kept: 'a' }
    for (const changing of ['1', '2', '3', '4']) {
      const request = requestFor(await repoOf({ ...files, changing }), { app: 'quick', sha: changing.repeat(40) })
      await image.build(request, (line) => lines.push(line), never)
    }
    expect(lines.filter((line) => line.includes('Using cache'))).toHaveLength(3)
    expect(await readdir(dirname(await here.storeOf('quick')))).toEqual(['0'])
  })

  it('sweeps nothing any more once it is closed: of builds that went well, failed and were aborted', async () => {
    const image = await here.builder()
    const stop = new AbortController()
    const files = { Dockerfile: 'FROM scratch\nCOPY text /\n', text: 'closed' }
    const build = async (app: string, more: Readonly<Record<string, string>>, signal = never) =>
      await image.build(requestFor(await repoOf({ ...files, ...more }), { app }), quiet, signal).catch((error) => error)
    const aborted = build('closed-aborted', {}, stop.signal)
    await build('closed-failed', { Dockerfile: 'FROM scratch\nCOPY nothing /\n' })
    stop.abort(new Error('superseded'))
    await aborted
    await build('closed', {})
    expect(await readdir(await here.storeOf('closed'))).toContain('work')
    await image.close()
    for (const app of ['closed', 'closed-failed', 'closed-aborted']) {
      expect(await readdir(await here.storeOf(app))).not.toContain('work')
    }
  })

  it('builds several commits of one app at a time', async () => {
    const image = await here.builder()
    const builds = ['1', '2', '3'].map(async (text) => {
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY text /\n', text })
      return await image.build(requestFor(root, { app: 'many', sha: text.repeat(40) }), quiet, never)
    })
    expect(new Set((await Promise.all(builds)).map((built) => built?.digest)).size).toBe(3)
  })

  it('refuses a cache that others can write to', async () => {
    const open = join(here.temporary, 'open')
    await mkdir(open)
    await chmod(open, 0o777)
    await expect(here.builder({ cacheDir: open })).rejects.toThrow(`${open} can be written to by others`)
  })

  it('removes at its start what a build left whose process was killed, checkouts and credentials', async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    await (await here.builder()).build(requestFor(root, { app: 'killed' }), quiet, never)
    const credentials = join(await here.storeOf('killed'), 'work', 'docker')
    await mkdir(credentials, { recursive: true })
    await writeFile(join(credentials, 'config.json'), '{}')
    await here.builder()
    expect(await readdir(await here.storeOf('killed'))).not.toContain('work')
    expect(await here.listOf('killed', 'images')).not.toEqual([])
  })

  describe('of a build that was killed', () => {
    const built = async (app: string) => {
      const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      return await (await here.builder()).build(requestFor(root, { app }), quiet, never)
    }
    /** A store with an image and the work folder of a build. @returns the folder of its storage */
    const givenKilled = async (app: string): Promise<string> => {
      await built(app)
      const store = await here.storeOf(app)
      await vi.waitFor(async () => expect(await readdir(store)).not.toContain('work'), 5000)
      await mkdir(join(store, 'work'))
      return join(store, 'root')
    }

    it('removes a container that buildah had not noted as its own yet', async () => {
      const storage = await givenKilled('unnoted')
      await buildahOn(dirname(storage), ['from', 'localhost/westage/unnoted'])
      const [id = ''] = await here.listOf('unnoted', 'containers')
      await rm(join(storage, 'vfs-containers', id, 'userdata', 'buildah.json'))
      await here.builder()
      expect(await here.listOf('unnoted', 'containers')).toEqual([])
      expect(await here.listOf('unnoted', 'images')).not.toEqual([])
    })

    it('removes an image that was being committed, under the name that it has meanwhile', async () => {
      const store = dirname(await givenKilled('uncommitted'))
      const name = 'localhost/westage/uncommitted'
      await buildahOn(store, ['tag', name, `${'a'.repeat(64)}-tmp`])
      await buildahOn(store, ['rmi', name])
      expect(await here.listOf('uncommitted', 'images')).not.toEqual([])
      await here.builder()
      expect(await here.listOf('uncommitted', 'images')).toEqual([])
    })

    it('removes an image whose manifest was not written yet, and no other', async () => {
      const images = join(await givenKilled('unwritten'), 'vfs-images')
      const whole = JSON.parse(await readFile(join(images, 'images.json'), 'utf8'))
      const [{ names, ...one }] = whole
      const unwritten = { ...one, id: 'f'.repeat(64) }
      await cp(join(images, one.id), join(images, unwritten.id), { recursive: true })
      await rm(join(images, unwritten.id, 'manifest'))
      unwritten['big-data-names'] = one['big-data-names'].filter((name: string) => name !== 'manifest')
      const before = await here.listOf('unwritten', 'images')
      await writeFile(join(images, 'images.json'), JSON.stringify([...whole, unwritten]))
      expect(await here.listOf('unwritten', 'images')).toHaveLength(before.length + 1)
      await here.builder()
      expect(await here.listOf('unwritten', 'images')).toEqual(before)
    })

    it('removes layers that no image had got yet', async () => {
      const storage = await givenKilled('unowned')
      await writeFile(join(storage, 'vfs-images', 'images.json'), '[]')
      expect(await readdir(join(storage, 'vfs', 'dir'))).not.toEqual([])
      await here.builder()
      await expect(access(storage)).rejects.toThrow('ENOENT')
      expect(await built('unowned')).not.toBeNull()
    })

    it('empties a storage that buildah can’t make sense of, and builds again', async () => {
      const storage = await givenKilled('broken')
      await writeFile(join(storage, 'vfs-layers', 'layers.json'), '[{')
      expect(await built('broken')).not.toBeNull()
    })
  })
})
