import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type ArgoCdServerOptions, argocdServer } from '../../../src/adapters/argocd/server.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import {
  type Answer,
  argocdServerDouble,
  brokenLog,
  EVENTS,
  logOf,
  NOT_PART,
  refusedLog,
  TOKEN,
  TREE,
} from './argocd-server.ts'

const APPLICATION = 'westage-shop-pr-7'
const dir = mkdtempSync(join(tmpdir(), 'westage-argocd-server-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function given(answers: Record<string, Answer>, options: Partial<ArgoCdServerOptions> = {}) {
  const double = await argocdServerDouble(answers)
  const said: string[] = []
  const resources = await argocdServer({
    url: double.url,
    caFile: null,
    token: TOKEN,
    namespace: 'argocd',
    log: (level, line) => said.push(`${level}: ${line}`),
    ...options,
  })
  const signal = new AbortController().signal
  const podOf = async () => {
    const tree = await resources.tree(APPLICATION, signal)
    const pod = tree?.find(({ kind }) => kind === 'Pod')
    if (pod === undefined) throw new Error('the tree has no pod')
    return pod
  }
  return { double, resources, said, signal, podOf }
}

describe('argocd-server is asked for', () => {
  it('the tree of an Application: owners, health, a pod’s state and a ReplicaSet’s revision', async () => {
    const { double, resources, signal } = await given({ 'resource-tree': TREE })
    await using _ = double
    const tree = await resources.tree(APPLICATION, signal)
    expect(double.asked).toEqual([`/api/v1/applications/${APPLICATION}/resource-tree?appNamespace=argocd`])
    expect(tree?.map(({ kind, uid, owners, revision, pod }) => ({ kind, uid, owners, revision, pod }))).toEqual([
      { kind: 'Namespace', uid: 'ns', owners: [], revision: 0, pod: null },
      { kind: 'Service', uid: '', owners: [], revision: 0, pod: null },
      { kind: 'Deployment', uid: 'deploy', owners: [], revision: 2, pod: null },
      { kind: 'ReplicaSet', uid: 'rs', owners: ['deploy'], revision: 12, pod: null },
      { kind: 'Pod', uid: 'pod', owners: ['rs'], revision: 0, pod: { state: 'CrashLoopBackOff', restarts: 4 } },
    ])
    expect(tree?.at(-1)).toMatchObject({
      namespace: 'westage-shop-feat',
      createdAtMs: Date.parse('2026-03-01T12:00:01Z'),
      health: { status: 'Degraded', message: expect.stringContaining('container=web') },
    })
    expect(tree?.[0]).toMatchObject({ createdAtMs: null, health: { status: '', message: '' } })
  })

  it('an object’s events, oldest first, whichever of their times is set', async () => {
    const { double, resources, signal, podOf } = await given({ 'resource-tree': TREE, events: EVENTS })
    await using _ = double
    expect(await resources.events(APPLICATION, await podOf(), signal)).toEqual([
      expect.objectContaining({ isWarning: false, reason: 'Scheduled', count: 1, container: '' }),
      {
        isWarning: true,
        reason: 'BackOff',
        message: 'Back-off restarting failed container web in pod web-6c-1',
        count: 7,
        container: 'web',
      },
    ])
    const query = 'appNamespace=argocd&resourceUID=pod&resourceNamespace=westage-shop-feat&resourceName=web-6c-1'
    expect(double.asked.at(-1)).toBe(`/api/v1/applications/${APPLICATION}/events?${query}`)
  })

  it('the last lines of the run before, where a pod was restarted', async () => {
    const { double, resources, signal, podOf } = await given({ 'resource-tree': TREE, logs: logOf(['a', '', 'b']) })
    await using _ = double
    expect(await resources.logs(APPLICATION, await podOf(), 'web', signal)).toEqual(['a', '', 'b'])
    const query = 'namespace=westage-shop-feat&podName=web-6c-1&container=web&tailLines=50&previous=true'
    expect(double.asked.at(-1)).toBe(`/api/v1/applications/${APPLICATION}/logs?appNamespace=argocd&${query}`)
  })

  it('at most 50 lines and 64 KB of them, the newest', async () => {
    const { double, resources, signal, podOf } = await given({ 'resource-tree': TREE })
    await using _ = double
    const pod = await podOf()
    double.answers = { logs: logOf(Array.from({ length: 80 }, (_, nth) => `line ${nth}`)) }
    const lines = await resources.logs(APPLICATION, pod, 'web', signal)
    expect(lines).toHaveLength(50)
    expect(lines?.at(-1)).toBe('line 79')
    double.answers = { logs: logOf(Array.from({ length: 50 }, (_, nth) => `${nth}`.padEnd(10_000, '.'))) }
    const long = await resources.logs(APPLICATION, pod, 'web', signal)
    expect(long?.map((line) => Number.parseInt(line, 10))).toEqual([44, 45, 46, 47, 48, 49])
  })

  it('the current run’s, where there is none before; and takes what Kubernetes says instead for a line', async () => {
    const { double, resources, signal, podOf } = await given({ 'resource-tree': TREE })
    await using _ = double
    const pod = await podOf()
    double.answers = { logs: refusedLog('previous terminated container "web" in pod "web-6c-1" not found') }
    expect(await resources.logs(APPLICATION, pod, 'web', signal)).toEqual([
      'previous terminated container "web" in pod "web-6c-1" not found',
    ])
    expect(double.asked.slice(-2).map((path) => new URL(path, double.url).searchParams.get('previous'))).toEqual([
      'true',
      'false',
    ])
    double.answers = { logs: brokenLog(500, 'parsing time "failed" as "2006"') }
    expect(await resources.logs(APPLICATION, pod, 'web', signal)).toEqual(['parsing time "failed" as "2006"'])
  })
})

describe('where argocd-server does not answer', () => {
  it('operators are told once, and again when it does', async () => {
    const { double, resources, said, signal } = await given({})
    await using _ = double
    expect(await resources.tree(APPLICATION, signal)).toBeNull()
    expect(await resources.tree('another', signal)).toBeNull()
    expect(said).toEqual([
      "warn: argocd-server can't be asked for resource trees: permission denied (WESTAGE_ARGOCD_TOKEN needs applications, get and logs, get)",
    ])
    double.answers = { 'resource-tree': TREE }
    expect(await resources.tree(APPLICATION, signal)).not.toBeNull()
    expect(said.slice(1)).toEqual(['info: argocd-server answers again when asked for resource trees'])
  })

  it('a token that may not read logs is told apart from one that may read nothing', async () => {
    const { double, resources, said, signal, podOf } = await given({
      'resource-tree': TREE,
      logs: brokenLog(403, 'permission denied'),
    })
    await using _ = double
    for (let nth = 0; nth < 2; nth++) expect(await resources.logs(APPLICATION, await podOf(), 'web', signal)).toBeNull()
    expect(said).toHaveLength(1)
    expect(said[0]).toContain("can't be asked for logs: permission denied")
  })

  it('an object that went meanwhile is nobody’s trouble', async () => {
    const { double, resources, said, signal, podOf } = await given({ 'resource-tree': TREE, events: NOT_PART })
    await using _ = double
    expect(await resources.events(APPLICATION, await podOf(), signal)).toBeNull()
    expect(said).toEqual([])
  })

  it.each<[state: string, answer: Answer, said: RegExp]>([
    ['answers with its user interface', { status: 200, body: '<!doctype html>' }, /not valid JSON/],
    ['sends on to another address', { status: 307, body: '' }, /it answered 307, it sends on to \/elsewhere/],
    ['answers with something else', { status: 200, body: '{"nodes":7}' }, /nodes/],
    ['never answers', 'nothing', /no answer within 0\.2 s/],
  ])('says so where it %s', async (_state, answer, expected) => {
    const { double, resources, said, signal } = await given({ 'resource-tree': answer }, { timeoutMs: 200 })
    await using _ = double
    expect(await resources.tree(APPLICATION, signal)).toBeNull()
    expect(said).toEqual([expect.stringMatching(expected)])
  })

  it('says so where nothing listens, and that the token is not known, without the token', async () => {
    const { double, resources, said, signal } = await given({})
    await double[Symbol.asyncDispose]()
    expect(await resources.tree(APPLICATION, signal)).toBeNull()
    expect(said[0]).toContain('ECONNREFUSED')
    const other = await given({}, { token: 'another-token' })
    await using _ = other.double
    expect(await other.resources.tree(APPLICATION, signal)).toBeNull()
    expect(other.said[0]).toContain('invalid session')
    expect(other.said.join()).not.toContain('another-token')
  })

  it('an abort ends the question at once, and is no trouble of argocd-server’s', async () => {
    const { double, resources, said } = await given({ 'resource-tree': 'nothing' }, { timeoutMs: 60_000 })
    await using _ = double
    const ending = new AbortController()
    const answer = resources.tree(APPLICATION, ending.signal)
    ending.abort(new Error('superseded'))
    await expect(answer).rejects.toThrow('superseded')
    expect(said).toEqual([])
  })
})

describe('its certificate', () => {
  it('is trusted by the authority in argocd.server.caFile, and by no other', async () => {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=argocd-server', '-addext', 'subjectAltName=IP:127.0.0.1']
    const form = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', ...form, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const answers = { 'resource-tree': TREE }
    await using double = await argocdServerDouble(answers, { key: readFileSync(key), cert: readFileSync(cert) })
    const said: string[] = []
    const common = {
      url: double.url,
      token: TOKEN,
      namespace: 'argocd',
      log: (_: string, line: string) => said.push(line),
    }
    const signal = new AbortController().signal
    expect(await (await argocdServer({ ...common, caFile: null })).tree(APPLICATION, signal)).toBeNull()
    expect(said[0]).toMatch(/self.signed certificate/)
    expect(await (await argocdServer({ ...common, caFile: cert })).tree(APPLICATION, signal)).toHaveLength(5)
  })

  it.each(['none.pem', 'text.pem'])('stops the start where %s holds none', async (name) => {
    writeFileSync(join(dir, 'text.pem'), 'no certificate')
    const caFile = join(dir, name)
    const starting = argocdServer({ url: 'https://x', caFile, token: TOKEN, namespace: 'argocd', log: () => {} })
    await expect(starting).rejects.toThrow(Terminal)
    await expect(starting).rejects.toThrow(`argocd.server.caFile: ${caFile}`)
  })
})
