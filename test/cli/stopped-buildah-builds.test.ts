/** `westage serve`, told to end while buildah still tidies up behind a build that is over. */
import { chmod, mkdtemp, open, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { commandPathOf, runTool } from '../../src/adapters/child-process.ts'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { type Given, givenInstance } from '../loop/given.ts'
import { leftBehind, processFolders } from '../loop/left-behind.ts'
import { findRegistry, type RunningRegistry, requireRegistry } from '../servers/registry.ts'
import { builtCommand, type Command, type Running } from './built-command.ts'

const path = process.env.PATH ?? ''
const temporary = await ownTemporaryFolder()
const buildah = await commandPathOf('buildah', path)
const isMissing = buildah === null || (await findRegistry()) === null
const isSkipped = isMissing && process.env.CI !== 'true'

let command: Command
let registry: RunningRegistry
let here: Given
let running: Running | null = null
beforeAll(async () => {
  if (isSkipped) return
  command = await builtCommand()
  registry = await requireRegistry()
})
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended()
  await here?.close()
})
afterAll(async () => {
  await registry?.close()
  await temporary.close()
})

/**
 * A service whose buildah is at the last command behind a build, which goes on when somebody writes to `gate`.
 * @param branch one that no other test has: an image of the same content is not built again
 */
async function tidyingUp(
  branch: string,
): Promise<{ readonly service: Running; readonly gate: string; readonly cacheDir: string }> {
  const tools = await mkdtemp(join(temporary.path, 'tools-'))
  const gate = join(tools, 'gate')
  await runTool({
    command: 'mkfifo',
    args: [gate],
    cwd: tools,
    env: { PATH: path },
    signal: AbortSignal.timeout(5_000),
  })
  const script = `#!/bin/sh\ncase "$*" in *'rmi --prune') read -r _ <${gate} ;; esac\nexec ${buildah} "$@"\n`
  await writeFile(join(tools, 'buildah'), script)
  await chmod(join(tools, 'buildah'), 0o755)
  here = await givenInstance({
    settings: { builder: 'buildah', registry: { repository: `${registry.host}/{app}`, plainHttp: true } },
  })
  await here.stop()
  const env = { ...here.secrets, PATH: `${tools}:${path}` }
  const service = command.start(['serve', '--config', here.configFile], env)
  running = service
  here.openPull(branch)
  await here.until(async () => expect(await tidying()).toHaveLength(1))
  return { service, gate, cacheDir: join(dirname(here.configFile), 'data', 'layers') }
}

const tidying = async () => (await leftBehind()).filter((line) => line.includes('rmi --prune'))
const hasStopped = () => here.until(async () => expect(await fetch(`${here.url}/healthz`).catch(() => null)).toBeNull())

describe.skipIf(isSkipped)(`the service${isSkipped ? ' (skipped: no buildah or no docker-registry)' : ''}`, () => {
  it('told to end ends when the store of its last build is swept', async () => {
    const { service, gate, cacheDir } = await tidyingUp('feat/one')
    service.kill('SIGTERM')
    await hasStopped()
    expect(service.hasEnded()).toBe(false)
    const opened = await open(gate, 'w')
    await opened.write('\n')
    await opened.close()
    expect((await service.ended()).code).toBe(0)
    expect([...(await tidying()), ...(await processFolders())]).toEqual([])
    const [app = ''] = await readdir(cacheDir)
    expect(await readdir(join(cacheDir, app, '0'))).not.toContain('work')
  }, 60_000)

  it('does not wait for ever for it, and takes it along', async () => {
    const { service } = await tidyingUp('feat/two')
    service.kill('SIGTERM')
    expect((await service.ended()).code).toBe(0)
    expect([...(await tidying()), ...(await processFolders())]).toEqual([])
  }, 60_000)
})
