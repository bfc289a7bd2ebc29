/** `westage serve`, the real process, killed and stopped at whatever moment. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { type Given, givenInstance, REPO } from '../loop/given.ts'
import { buildCommand, type Command, type Running } from './built-command.ts'

const temporary = await ownTemporaryFolder()
let command: Command
beforeAll(async () => {
  command = await buildCommand(join(temporary.path, 'installed'))
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

function serve(): Running {
  running = command.start(['serve', '--config', here.configFile], here.secrets)
  return running
}

const answerOf = (path: string) =>
  fetch(`${here.url}${path}`).then(
    ({ status }) => status,
    () => 'none' as const,
  )
const isReady = () => here.until(async () => expect(await answerOf('/readyz')).toBe(200))
const foldersLeft = async () => (await readdir(temporary.path)).filter((name) => /^westage-(?!instance-)/.test(name))

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
