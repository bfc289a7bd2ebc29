/** What of this machine a Dockerfile gets at that buildah builds. */
import { mkdir, mkdtemp, readdir, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { wrapperOf } from '../../../src/adapters/build/buildah-namespaces.ts'
import { policyOf } from '../../../src/adapters/build/buildah-policy.ts'
import { runTool } from '../../../src/adapters/child-process.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import { buildahOn } from './buildah-stores.ts'
import { givenBuildah } from './given-buildah.ts'
import { repoOf, requestFor } from './repo-on-disk.ts'

const here = await givenBuildah()
const path = process.env.PATH ?? ''
const never = new AbortController().signal
const quiet = () => {}
afterAll(() => here.close())

describe.skipIf(here.isSkipped)(here.named, () => {
  /** An app with a built image, and where else on this machine an image of it is. */
  const givenVictim = async () => {
    const root = await repoOf({ Dockerfile: 'FROM scratch\nCOPY secret /\n', secret: 'secret' })
    await (await here.builder()).build(requestFor(root, { app: 'victim' }), quiet, never)
    const store = await here.storeOf('victim')
    const home = await realpath(await mkdtemp(join(here.temporary, 'home-')))
    await buildahOn(home, ['bud', '--tag', 'victim', root])
    await buildahOn(home, ['push', 'victim', `dir:${home}/layout`])
    return [`containers-storage:[vfs@${store}/root+${store}/run]localhost/westage/victim`, `dir:${home}/layout`]
  }

  it('builds on no image of this machine, and copies from none', async () => {
    for (const image of await givenVictim()) {
      for (const Dockerfile of [`FROM ${image}\n`, `FROM scratch\nCOPY --from=${image} /secret /stolen\n`]) {
        const root = await repoOf({ Dockerfile })
        const failure = await (await here.builder()).build(requestFor(root), quiet, never).catch((error) => error)
        expect(failure).toBeInstanceOf(Terminal)
        expect(failure).toMatchObject({ whose: 'author', message: expect.stringContaining(`${image} is not in a`) })
      }
    }
  })

  it('copies from none for a base image that leaves it to whoever builds on it', async () => {
    for (const [nth, image] of (await givenVictim()).entries()) {
      const home = await realpath(await mkdtemp(join(here.temporary, 'home-')))
      const trap = `${here.host}/trap:${nth}`
      const root = await repoOf({ Dockerfile: `FROM scratch\nONBUILD COPY --from=${image} /secret /stolen\n` })
      await buildahOn(home, ['bud', '--format', 'docker', '--tag', trap, root])
      await buildahOn(home, ['push', '--tls-verify=false', trap, `docker://${trap}`])
      const lines: string[] = []
      const sprung = await repoOf({ Dockerfile: `FROM ${trap}\n` })
      const build = (await here.builder()).build(requestFor(sprung), (line) => lines.push(line), never)
      await expect(build).rejects.toBeInstanceOf(Terminal)
      expect(lines.join('\n')).toContain(`COPY --from=${image}`)
    }
  })

  it('is told by its policy to open nothing but registries and its own store', async () => {
    for (const image of await givenVictim()) {
      const home = await realpath(await mkdtemp(join(here.temporary, 'home-')))
      await expect(buildahOn(home, ['from', image])).resolves.toBeDefined()
      await mkdir(join(home, '.config/containers'), { recursive: true })
      await writeFile(join(home, '.config/containers/policy.json'), await policyOf(join(home, 'root')))
      await expect(buildahOn(home, ['from', '--pull-always', image])).rejects.toMatchObject({
        stderr: expect.stringContaining('rejected by policy'),
      })
    }
  })

  it('sees no store but its own', async () => {
    const cache = await realpath(await mkdtemp(join(here.temporary, 'stores-')))
    for (const name of ['mine/0', 'mine/1', 'victim/0']) await mkdir(join(cache, name), { recursive: true })
    const wrapper = await wrapperOf(path, here.temporary)
    const [command = '', ...args] = [
      ...(wrapper?.(cache, { path: join(cache, 'mine/0'), flags: [] }) ?? []),
      ...['sh', '-c', 'find "$1" -mindepth 1 && touch "$1/mine/0/kept"', 'sh', cache],
    ]
    const { stdout } = await runTool({ command, args, cwd: cache, env: { PATH: path }, signal: never })
    expect(stdout).toBe(`${cache}/mine\n${cache}/mine/0\n`)
    expect(await readdir(join(cache, 'mine/0'))).toEqual(['kept'])
  })
})
