/** What operators are told of rights. The API server here answers what a test says; a real one is in test/e2e. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { standingOf } from '../../../src/adapters/kubernetes/lacking-rights.ts'
import { tellRights } from '../../../src/adapters/kubernetes/tell-rights.ts'
import type { ClusterRole } from '../../../src/domain/right.ts'
import type { Clock } from '../../../src/ports.ts'
import { answering } from '../../servers/answering.ts'
import { ownTemporaryFolder } from '../build/repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())
const { signal } = new AbortController()

type Answer = 'granted' | 'lacking' | 'unknown user' | 'away'
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const MAY_PATCH = { verb: 'patch', group: 'argoproj.io', resource: 'applications', namespace: 'argocd' }
const MAY_LOG = { verb: 'get', group: '', resource: 'pods/log', namespace: 'argocd' }

/** A role in a cluster that lets its account do nothing but list, until it says something else. */
async function given(first: Answer) {
  let says = first
  const host = await answering(async (request, response) => {
    const body = await text(request)
    if (says === 'away') return void request.socket.destroy()
    const send = (code: number, json: unknown) => response.writeHead(code).end(JSON.stringify(json))
    if (says === 'unknown user') return void send(401, { kind: 'Status', message: 'Unauthorized', code: 401 })
    if (request.url?.split('?')[0] !== REVIEWS) {
      return void send(201, { status: { userInfo: { username: 'system:serviceaccount:westage:westage' } } })
    }
    const { nonResourceAttributes, resourceAttributes } = JSON.parse(body).spec
    const isLog = resourceAttributes?.resource === 'pods' && resourceAttributes.subresource === 'log'
    send(201, { status: { allowed: says === 'granted' || nonResourceAttributes !== undefined || isLog } })
  })
  const kubeconfig = join(temporary.path, `${host}.yaml`)
  const cluster = { name: 'c', cluster: { server: `http://${host}`, 'insecure-skip-tls-verify': true } }
  const context = { name: 'c', context: { cluster: 'c', user: 'me' } }
  const config = { clusters: [cluster], contexts: [context], users: [{ name: 'me' }], 'current-context': 'c' }
  await writeFile(kubeconfig, JSON.stringify(config))
  const role: ClusterRole = {
    name: 'Argo CD',
    setting: 'argocd.kubeconfig',
    access: { kubeconfig, context: null },
    rights: [{ verb: 'get', path: '/apis' }, MAY_LOG, MAY_PATCH],
    grantedBy: 'argocd/rbac.yaml',
  }
  return {
    role,
    host,
    say: (answer: Answer) => {
      says = answer
    },
  }
}

const LACKING = (host: string) =>
  `Argo CD: system:serviceaccount:westage:westage may not patch applications.argoproj.io in namespace argocd at http://${host} (granted by argocd/rbac.yaml)`

describe('the rights of a role', () => {
  it('are told where they lack: whose, which, where, and what grants them', async () => {
    const { role, host } = await given('lacking')
    expect(await standingOf(role, signal)).toEqual({ kind: 'lacking', lines: [LACKING(host)] })
  })

  it('are not doubted where all are granted', async () => {
    expect(await standingOf((await given('granted')).role, signal)).toEqual({ kind: 'granted' })
  })

  it('are the operators’ to mend where the cluster does not know the token', async () => {
    const { role, host } = await given('unknown user')
    const line = `Argo CD: http://${host} does not know who asks (argocd.kubeconfig): Unauthorized`
    expect(await standingOf(role, signal)).toEqual({ kind: 'lacking', lines: [line] })
  })

  it('are unknown where the cluster is away', async () => {
    const { role, host } = await given('away')
    expect(await standingOf(role, signal)).toEqual({ kind: 'away', why: expect.stringContaining(host) })
  })
})

describe('a running service', () => {
  it('tells what it lacks once, and when it is mended, and asks no more then', async () => {
    const { role, host, say } = await given('away')
    const ending = new AbortController()
    let waiting: (() => void) | null = null
    const clock: Clock = {
      now: () => 0,
      after(_, then) {
        waiting = then
        return () => {}
      },
    }
    const minuteLater = async () => {
      const then = await vi.waitFor(() => waiting ?? Promise.reject(new Error('nothing is asked again')))
      waiting = null
      then()
    }
    const told: string[] = []
    tellRights({ roles: [role], clock, log: (level, line) => told.push(`${level} ${line}`), signal: ending.signal })
    const tells = (lines: number) => vi.waitFor(() => expect(told).toHaveLength(lines))
    await tells(1)
    expect(told[0]).toMatch(/^warn Argo CD: rights can't be asked for yet: /)
    say('lacking')
    await minuteLater()
    await tells(2)
    expect(told[1]).toBe(`error ${LACKING(host)}`)
    await minuteLater()
    await vi.waitFor(() => expect(waiting).not.toBeNull())
    expect(told).toHaveLength(2)
    say('granted')
    await minuteLater()
    await tells(3)
    expect(told[2]).toBe('info Argo CD: all rights that it needs are granted now')
    expect(waiting).toBeNull()
    ending.abort()
  })
})
