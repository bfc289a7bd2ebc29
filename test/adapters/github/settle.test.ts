import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pull } from '../../../src/domain/pull.ts'
import { askAsInstallation } from '../../servers/github/ask.ts'
import { COMMITTED, type Connected, connected, forever, REPO, reportFor } from './connected.ts'

describe('settling older revisions', () => {
  let world: Connected
  let first: Pull
  let second: Pull
  beforeEach(async () => {
    world = await connected()
    first = await world.read()
    await world.report({ kind: 'preparing' }, first)
    world.github.push(REPO, first.number, { a: '2' })
    second = await world.read()
    await world.report({ kind: 'live', ...COMMITTED }, second)
  })
  afterEach(() => world.github.close())

  const settle = (which: 'checks' | 'deployments') => {
    const status = { kind: 'superseded', by: second.head } as const
    return world.again().pulls.settle(second, reportFor(status, world.key, second.head), which, forever)
  }
  const shown = () =>
    [first, second].map(({ head }) => {
      const [check] = world.github.checkRuns(REPO, head)
      const deployment = world.github.deployments(REPO).find(({ sha }) => sha === head)
      return `${check?.conclusion ?? check?.status} ${deployment?.statuses.at(-1)?.state}`
    })

  it('completes the Checks of those under way and turns their Deployments inactive', async () => {
    await settle('checks')
    expect(shown()).toEqual(['cancelled inactive', 'success success'])
    expect(world.github.checkRuns(REPO, first.head)[0]?.output.title).toContain('Superseded')
  })

  it('leaves the Deployments of those that are up, where a newer one is only under way', async () => {
    world.github.push(REPO, first.number, { a: '3' })
    const third = await world.read()
    await world.report({ kind: 'preparing' }, third)
    const closing = reportFor({ kind: 'superseded', by: third.head }, world.key, third.head)
    await world.again().pulls.settle(third, closing, 'checks', forever)
    expect(shown()).toEqual(['cancelled inactive', 'success success'])
  })

  it('turns their Deployments inactive', async () => {
    await settle('deployments')
    expect(shown()).toEqual(['cancelled inactive', 'success success'])
  })

  it('writes nothing the second time', async () => {
    await settle('deployments')
    world.asked()
    await settle('deployments')
    expect(world.asked().filter((request) => !request.startsWith('GET'))).toEqual([])
  })

  it('settles a Deployment that was never said anything of', async () => {
    world.github.push(REPO, first.number, { a: '3' })
    const third = await world.read()
    world.github.fail({ path: /statuses$/ }, { kind: 'status', status: 502 })
    world.github.fail({ path: /statuses$/ }, { kind: 'status', status: 502 })
    world.github.fail({ path: /statuses$/ }, { kind: 'status', status: 502 })
    await expect(world.report({ kind: 'queued' }, third)).rejects.toThrow(/502/)
    expect(world.github.deployments(REPO).at(-1)?.statuses).toEqual([])
    await settle('deployments')
    expect(world.github.deployments(REPO).map(({ statuses }) => statuses.at(-1)?.state)).toEqual([
      'inactive',
      'success',
      'inactive',
    ])
  })

  it('settles more revisions than a page holds', async () => {
    const ask = await askAsInstallation(world.github, REPO)
    const deployment = { environment: world.environment, auto_merge: false, required_contexts: [] }
    for (let nth = 0; nth < 100; nth++) {
      const ref = world.github.push(REPO, first.number, { a: `n${nth}` })
      await ask('POST', `/repos/${REPO}/deployments`, { ...deployment, ref })
    }
    second = await world.read()
    await settle('deployments')
    const states = world.github.deployments(REPO).map(({ statuses }) => statuses.at(-1)?.state)
    expect(states.slice(0, -1).every((state) => state === 'inactive')).toBe(true)
    expect(states.at(-1)).toBeUndefined()
    expect(states).toHaveLength(102)
  })
})
