/** `westage serve`, the real process, killed and stopped at whatever moment. */
import { chmod, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { type Given, givenInstance, REPO } from '../loop/given.ts'
import { leftBehind, processFolders } from '../loop/left-behind.ts'
import { builtCommand, type Command, type Running } from './built-command.ts'

const temporary = await ownTemporaryFolder()
let command: Command
beforeAll(async () => {
  command = await builtCommand()
})
afterAll(() => temporary.close())

let here: Given
let running: Running | null = null
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended()
  running = null
  await here.close()
})

/** All that an instance has around it, and no service yet. */
async function givenNoService(): Promise<void> {
  here = await givenInstance()
  await here.stop()
}

function serve(env: Readonly<Record<string, string>> = {}): Running {
  running = command.start(['serve', '--config', here.configFile], { ...here.secrets, ...env })
  return running
}

/** A PATH with a kustomize that starts a child and waits, where it is asked for this. */
async function pathThatHangsAt(verb: 'version' | 'build'): Promise<string> {
  const tools = await mkdtemp(join(temporary.path, 'tools-'))
  const script = `#!/bin/sh\n[ "$1" = ${verb} ] && { /bin/sleep 60 & /bin/sleep 60; }\necho v5.0.0\n`
  await writeFile(join(tools, 'kustomize'), script)
  await chmod(join(tools, 'kustomize'), 0o755)
  return `${tools}:${process.env.PATH}`
}
const sleeping = async () => (await leftBehind()).filter((line) => line.includes('sleep'))
const hangs = () => here.until(async () => expect(await sleeping()).toHaveLength(2))

const answerOf = (path: string) =>
  fetch(`${here.url}${path}`).then(
    ({ status }) => status,
    () => 'none' as const,
  )
const isReady = () => here.until(async () => expect(await answerOf('/readyz')).toBe(200))
const foldersLeft = async () => [
  ...(await readdir(temporary.path)).filter((name) => /^westage-(?!instance-)/.test(name)),
  ...(await processFolders()),
]

describe('the service', () => {
  it('becomes ready, makes previews, and ends with 0 when it is told to, with nothing left', async () => {
    await givenNoService()
    const service = serve()
    await isReady()
    const pull = here.openPull('feat/pay')
    await here.live(pull)
    service.kill('SIGTERM')
    const { code, stdout, stderr } = await service.ended()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['listening', 'resync', 'stopping', 'stopped']))
    expect(stdout).not.toMatch(/PRIVATE KEY|gitops-token|gh[sp]_\w+/)
    expect(stdout).not.toContain(here.github.webhookSecret)
    expect(await foldersLeft()).toEqual([])
  })

  it('told to end in the middle of a run takes nothing new, lets it come to its commit, and ends with 0', async () => {
    await givenNoService()
    let [hasCome, release] = [false, () => {}]
    const until = new Promise<void>((resolve) => {
      release = resolve
    })
    here.git.inject('receive-pack', { kind: 'hold', until, reached: () => (hasCome = true) })
    const service = serve()
    await isReady()
    const pull = here.openPull('feat/pay')
    await here.until(() => expect(hasCome).toBe(true))
    service.kill('SIGTERM')
    await here.until(async () => expect(await answerOf('/healthz')).toBe('none'))
    expect(service.hasEnded()).toBe(false)
    release()
    expect((await service.ended()).code).toBe(0)
    expect(await here.commits()).toHaveLength(2)
    expect(await foldersLeft()).toEqual([])
    serve()
    await here.live(pull)
    expect(await here.commits()).toHaveLength(2)
  })

  it('told to end while it starts ends at once, with 0 and nothing left', async () => {
    await givenNoService()
    const service = serve({ PATH: await pathThatHangsAt('version') })
    await hangs()
    service.kill('SIGTERM')
    const { code, stdout, stderr } = await service.ended()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['stopping', 'stopped'])
    expect(await foldersLeft()).toEqual([])
    expect(await leftBehind()).toEqual([])
  })

  it('killed in the middle of a run takes its tools along, and the next start removes what it had on disk', async () => {
    await givenNoService()
    const service = serve({ PATH: await pathThatHangsAt('build') })
    await isReady()
    const pull = here.openPull('feat/pay')
    await hangs()
    const killed = await foldersLeft()
    expect(killed).toHaveLength(1)
    service.kill('SIGKILL')
    await service.ended()
    await here.until(async () => expect(await sleeping()).toEqual([]))
    expect(await foldersLeft()).toEqual(killed)
    const next = serve()
    await isReady()
    expect(await foldersLeft()).toHaveLength(1)
    expect(await foldersLeft()).not.toEqual(killed)
    await here.live(pull)
    next.kill('SIGTERM')
    expect((await next.ended()).code).toBe(0)
    expect(await foldersLeft()).toEqual([])
  }, 90_000)

  it('killed at any moments of a story and started again comes to the same end, with nothing done twice', async () => {
    await givenNoService()
    const killedAfter: number[] = []
    let service = serve()
    /** Kills it when it has asked GitHub so many things, or where it is done before, and starts it again; some times. */
    const throughKills = async (times: number, isOver: () => boolean) => {
      for (let nth = 0; nth < times; nth++) {
        const [from, most] = [here.github.requests.length, 1 + Math.floor(Math.random() * 30)]
        killedAfter.push(most)
        await here.until(() => expect(isOver() || here.github.requests.length >= from + most).toBe(true))
        service.kill('SIGKILL')
        await service.ended()
        service = serve()
      }
      await here.until(() => expect(isOver(), `killed after ${killedAfter.join(', ')} requests`).toBe(true))
    }
    const lastStateOf = (sha: string) => here.lastStatusOf(sha)?.state
    const pull = here.openPull('feat/pay')
    const isLive = () => here.checkOf(pull)?.conclusion === 'success' && lastStateOf(here.headOf(pull)) === 'success'
    await throughKills(2, isLive)
    const first = here.headOf(pull)
    const second = here.github.push(REPO, pull, { 'site/index.html': 'more' })
    await throughKills(2, () => isLive() && lastStateOf(first) === 'inactive')
    here.github.closePull(REPO, pull)
    await throughKills(
      1,
      () => here.checkOf(pull)?.output.title === 'Preview removed' && lastStateOf(second) === 'inactive',
    )
    const story = `killed after ${killedAfter.join(', ')} requests`
    expect(
      here.github.deployments(REPO).map(({ sha }) => sha),
      story,
    ).toEqual([first, second])
    for (const sha of [first, second]) expect(here.github.checkRuns(REPO, sha), story).toHaveLength(1)
    const subjects = (await here.commits()).map(({ message }) => message.split('\n')[0])
    expect(subjects.toReversed(), story).toEqual([
      'Start of the GitOps repo',
      `shop #1: preview ${first.slice(0, 7)}`,
      `shop #1: update preview to ${second.slice(0, 7)}`,
      'shop #1: remove preview',
    ])
    expect(here.argocd.applications()).toEqual([])
  }, 90_000)
})
