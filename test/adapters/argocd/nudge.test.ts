/** Nudges against the stand-in's Kubernetes API and webhook receivers, which look at once and else not for long. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type NudgeWay, nudgeArgoCd } from '../../../src/adapters/argocd/nudge.ts'
import { nudgeByAnnotations } from '../../../src/adapters/argocd/nudge-annotations.ts'
import { nudgeByWebhook } from '../../../src/adapters/argocd/nudge-webhook.ts'
import { kubeConfigOf } from '../../../src/adapters/kubernetes/kube-config.ts'
import type { Nudge } from '../../../src/ports.ts'
import { type ArgoCdStandIn, startArgoCdStandIn } from '../../servers/argocd-standin/start-argocd-standin.ts'
import { git } from '../../servers/git-cli.ts'
import { type GitServer, startGitServer } from '../../servers/git-server.ts'
import { configMap, type GitOpsRepo, gitOpsRepo } from './gitops-repo.ts'

const FOLDER = 'previews/shop/pr-7'
const APPLICATION = { name: 'westage-shop-pr-7', folder: FOLDER }

let repo: GitOpsRepo
let server: GitServer
let standIn: ArgoCdStandIn
let ending: AbortController
let logged: string[]

beforeEach(async () => {
  repo = gitOpsRepo()
  server = await startGitServer({ repositories: { gitops: { files: {} } } })
  await publish()
  standIn = await startStandIn()
  ending = new AbortController()
  logged = []
})

afterEach(async () => {
  ending.abort()
  await Promise.all([standIn.close(), server.close()])
  repo.remove()
})

async function startStandIn(names: { instance?: string; applicationSet?: string } = {}): Promise<ArgoCdStandIn> {
  const started = await startArgoCdStandIn({
    gitUrl: server.url('gitops'),
    branch: 'main',
    instance: 'westage',
    pollMs: 3_600_000,
    delays: { compareMs: 0, syncMs: 0, startMs: 0, removeMs: 0 },
    ...names,
  })
  // The look that it begins with is over.
  await started.refresh()
  return started
}

const publish = () =>
  git(['push', '--quiet', '--force', server.dir('gitops'), 'main'], { cwd: new URL(repo.url).pathname })

/** Commits and pushes a preview, or with null its removal. @returns the commit */
async function push(pull: number, greeting: string | null): Promise<string> {
  const commit = repo.commit(pull, greeting === null ? null : { 'a.yaml': configMap(greeting) })
  await publish()
  return commit
}

interface WayOptions {
  readonly secret?: string
  readonly timeoutMs?: number
  readonly instance?: string
}

const WAYS = {
  webhook: ({ secret, timeoutMs }: WayOptions) =>
    nudgeByWebhook({
      ...standIn.webhooks,
      caFile: null,
      ...(secret !== undefined && { secret }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      gitUrl: server.url('gitops'),
      branch: 'main',
    }),
  annotations: ({ timeoutMs, instance = 'westage' }: WayOptions) =>
    nudgeByAnnotations({
      config: kubeConfigOf(standIn.kubeconfigPath, null),
      namespace: 'argocd',
      instance,
      ...(timeoutMs !== undefined && { timeoutMs }),
    }),
} as const
const BOTH = Object.keys(WAYS) as (keyof typeof WAYS)[]

const nudgeVia = (way: NudgeWay): Nudge =>
  nudgeArgoCd({
    way,
    log: (level, line) => logged.push(`${level} ${line}`),
    signal: ending.signal,
    spacingMs: 10,
  })
const until = (condition: () => unknown) => vi.waitFor(condition, { timeout: 10_000, interval: 10 })
const revisions = () =>
  standIn
    .applications()
    .map(({ metadata, status }) => [metadata.name, (status?.sync as { revision?: string })?.revision])
const namesOf = () => standIn.applications().map(({ metadata }) => metadata.name)

describe.each(BOTH)('nudged by %s', (via) => {
  it('Argo CD looks at once for folders that came, changed and went', async () => {
    const nudge = nudgeVia(WAYS[via]({}))
    const first = await push(7, 'hello')
    nudge.applicationSet(FOLDER)
    await until(() => expect(revisions()).toEqual([[APPLICATION.name, first]]))

    const second = await push(7, 'good morning')
    nudge.application(APPLICATION)
    await until(() => expect(revisions()).toEqual([[APPLICATION.name, second]]))
    await until(() =>
      expect(standIn.applications()[0]?.metadata.annotations).not.toHaveProperty(['argocd.argoproj.io/refresh']),
    )

    await push(7, null)
    nudge.applicationSet(FOLDER)
    await until(() => expect(namesOf()).toEqual([]))
    expect(logged).toEqual([])
  })

  it('takes each nudge for a new one', async () => {
    const nudge = nudgeVia(WAYS[via]({}))
    for (const pull of [7, 8, 9]) {
      await push(pull, 'hello')
      nudge.applicationSet(`previews/shop/pr-${pull}`)
      await until(() => expect(namesOf()).toContain(`westage-shop-pr-${pull}`))
    }
  })

  it('takes many at once', async () => {
    const nudge = nudgeVia(WAYS[via]({}))
    const pulls = Array.from({ length: 12 }, (_, at) => at + 1)
    for (const pull of pulls) repo.commit(pull, { 'a.yaml': configMap('hello') })
    await publish()
    for (const pull of pulls) nudge.applicationSet(`previews/shop/pr-${pull}`)
    await until(() => expect(namesOf()).toHaveLength(pulls.length))
    const last = await push(13, 'hello')
    for (const pull of pulls) {
      nudge.application({ name: `westage-shop-pr-${pull}`, folder: `previews/shop/pr-${pull}` })
    }
    await until(() => expect(new Set(revisions().map(([, revision]) => revision))).toEqual(new Set([last])))
    expect(logged).toEqual([])
  })

  it('while it does not answer, operators are told once, and once more when it does', async () => {
    const [stop, resume] =
      via === 'webhook'
        ? [standIn.pause, standIn.resume]
        : [() => standIn.api.turn('gone'), () => standIn.api.turn('up')]
    const nudge = nudgeVia(WAYS[via]({}))
    stop()
    nudge.applicationSet(FOLDER)
    nudge.application(APPLICATION)
    await until(() => expect(logged).toHaveLength(2))
    expect(logged.toSorted()).toEqual([
      expect.stringMatching(/^warn Argo CD: can't nudge Applications, it looks when it polls: \S/),
      expect.stringMatching(/^warn Argo CD: can't nudge the ApplicationSet, it looks when it polls: \S/),
    ])
    nudge.applicationSet(FOLDER)
    resume()
    await push(8, 'hello')
    await until(() => {
      nudge.applicationSet('previews/shop/pr-8')
      expect(namesOf()).toEqual(['westage-shop-pr-8'])
    })
    await until(() => expect(logged.at(-1)).toBe('info Argo CD: nudges of the ApplicationSet arrive again'))
    expect(logged.filter((line) => line.startsWith("warn Argo CD: can't nudge the ApplicationSet"))).toHaveLength(1)
  })

  it('stops with the service: what is under way ends, and nothing more is sent', async () => {
    const { url, requests, close } = await silentServer()
    const nudge = nudgeVia(
      via === 'webhook'
        ? nudgeByWebhook({ ...waysTo(url), gitUrl: url })
        : nudgeByAnnotations({ config: configAt(url), namespace: 'argocd', instance: 'westage' }),
    )
    nudge.applicationSet(FOLDER)
    await until(() => expect(requests.open()).toBe(1))
    ending.abort(new Error('shutting down'))
    await until(() => expect(requests.open()).toBe(0))
    nudge.applicationSet(FOLDER)
    nudge.application(APPLICATION)
    await close()
    expect(requests.taken()).toBe(1)
    expect(logged).toEqual([])
  })

  it('says so where nobody answers in time', async () => {
    const { url, close } = await silentServer()
    const nudge = nudgeVia(
      via === 'webhook'
        ? nudgeByWebhook({ ...waysTo(url), gitUrl: url, timeoutMs: 100 })
        : nudgeByAnnotations({
            config: configAt(url),
            namespace: 'argocd',
            instance: 'westage',
            timeoutMs: 100,
          }),
    )
    nudge.application(APPLICATION)
    await until(() => expect(logged).toEqual([expect.stringMatching(/(no|not) answer within 0\.1 s$/)]))
    await close()
  })
})

describe('nudged by webhook', () => {
  it('a wrong secret is said with what to look at, and never shown', async () => {
    const nudge = nudgeVia(WAYS.webhook({ secret: 'not-the-right-one' }))
    nudge.applicationSet(FOLDER)
    nudge.application(APPLICATION)
    await until(() => expect(logged).toHaveLength(2))
    for (const line of logged) {
      expect(line).toMatch(/answered 400: .*HMAC verification failed.*WESTAGE_ARGOCD_WEBHOOK_SECRET/)
      expect(line).not.toContain('not-the-right-one')
    }
  })

  it("a receiver's own certificate is taken by the authority that was named, and by no other", async () => {
    const dir = mkdtempSync(join(tmpdir(), 'westage-nudge-'))
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=argocd-server', '-addext', 'subjectAltName=IP:127.0.0.1']
    const form = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', ...form, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    let taken = 0
    const receiver = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
      taken++
      response.end()
    })
    const url = (await listening(receiver)).replace('http:', 'https:')
    nudgeVia(nudgeByWebhook({ ...waysTo(url), gitUrl: url })).application(APPLICATION)
    await until(() => expect(logged).toEqual([expect.stringMatching(/self.signed certificate/)]))
    expect(taken).toBe(0)
    nudgeVia(nudgeByWebhook({ ...waysTo(url), gitUrl: url, caFile: cert })).application(APPLICATION)
    await until(() => expect(taken).toBe(1))
    receiver.close()
    rmSync(dir, { recursive: true })
  })

  it('a redirect is not followed, and said with its address', async () => {
    let taken = 0
    const elsewhere = createServer((_, response) => {
      taken++
      response.writeHead(307, { location: 'https://argocd.test/api/webhook' }).end()
    })
    const url = await listening(elsewhere)
    const nudge = nudgeVia(nudgeByWebhook({ ...waysTo(url), gitUrl: url }))
    nudge.application(APPLICATION)
    await until(() => expect(logged).toHaveLength(1))
    expect(logged[0]).toMatch(/answered 307, to https:\/\/argocd\.test\/api\/webhook: name the address/)
    expect(taken).toBe(1)
    elsewhere.close()
  })

  it.each([
    ['https://github.com/acme/previews.git', 'https://github.com/acme/previews'],
    ['https://gitlab.example.com/group/sub/previews.git', 'https://gitlab.example.com/group/sub/previews'],
    ['http://127.0.0.1:3000/gitops.git/', 'http://127.0.0.1:3000/gitops'],
    ['https://git.example.com:8443/scm/previews', 'https://git.example.com:8443/scm/previews'],
  ])('the repo %s is named by its page %s, the folders by what Argo CD compares', async (gitUrl, page) => {
    const bodies: unknown[] = []
    const recorder = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(JSON.parse(body))
        response.end()
      })
    })
    const url = await listening(recorder)
    const nudge = nudgeVia(nudgeByWebhook({ ...waysTo(url), gitUrl }))
    nudge.application(APPLICATION)
    await until(() => expect(bodies).toHaveLength(1))
    expect(bodies).toEqual([
      {
        ref: 'refs/heads/main',
        repository: { html_url: page, default_branch: 'main' },
        commits: [{ added: [], modified: [`${FOLDER}/preview.yaml`, `${FOLDER}/manifests`], removed: [] }],
      },
    ])
    recorder.close()
  })
})

describe('nudged by annotations', () => {
  it('says once that it may not, whichever Application it is', async () => {
    standIn.api.turn('read-only')
    const nudge = nudgeVia(WAYS.annotations({}))
    nudge.applicationSet(FOLDER)
    await until(() => expect(logged).toHaveLength(1))
    expect(logged[0]).toMatch(/applicationsets\.argoproj\.io "westage-shop" is forbidden/)
    for (const pull of [7, 8]) {
      const { length } = await push(pull, 'hello').then(() => logged)
      nudge.application({ name: `westage-shop-pr-${pull}`, folder: `previews/shop/pr-${pull}` })
      await until(() => expect(logged.length).toBe(Math.max(length, 2)))
    }
    expect(logged[1]).toMatch(/applications\.argoproj\.io "westage-shop-pr-7" is forbidden/)
  })

  it('finds the ApplicationSet that an app has for itself', async () => {
    await standIn.close()
    standIn = await startStandIn({ applicationSet: 'westage-shop' })
    const nudge = nudgeVia(WAYS.annotations({}))
    await push(7, 'hello')
    nudge.applicationSet(FOLDER)
    await until(() => expect(namesOf()).toEqual([APPLICATION.name]))
    expect(logged).toEqual([])
  })

  it("does not take another instance's ApplicationSet for one of its own", async () => {
    await standIn.close()
    standIn = await startStandIn({ instance: 'westage-shop' })
    const nudge = nudgeVia(WAYS.annotations({}))
    nudge.applicationSet(FOLDER)
    await until(() =>
      expect(logged).toEqual([expect.stringContaining('applicationsets.argoproj.io "westage" not found')]),
    )
  })

  it('says which ApplicationSet is not there', async () => {
    const nudge = nudgeVia(WAYS.annotations({ instance: 'another' }))
    nudge.applicationSet(FOLDER)
    await until(() => expect(logged).toEqual([expect.stringContaining('applicationsets.argoproj.io "another" not')]))
  })

  it('leaves an Application that has gone meanwhile alone', async () => {
    const nudge = nudgeVia(WAYS.annotations({}))
    nudge.application(APPLICATION)
    const commit = await push(8, 'hello')
    nudge.applicationSet('previews/shop/pr-8')
    await until(() => expect(revisions()).toEqual([['westage-shop-pr-8', commit]]))
    expect(logged).toEqual([])
  })
})

const waysTo = (url: string) => ({ server: url, applicationSet: url, secret: 's', branch: 'main', caFile: null })

async function listening(to: Server): Promise<string> {
  await new Promise<void>((resolve) => to.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(to.address() as AddressInfo).port}`
}

/** Takes requests and never answers. */
async function silentServer() {
  let taken = 0
  const silent = createServer(() => taken++)
  let open = 0
  silent.on('connection', (socket) => {
    open++
    socket.on('close', () => open--)
  })
  const url = await listening(silent)
  return {
    url,
    requests: { taken: () => taken, open: () => open },
    close: async () => {
      silent.closeAllConnections()
      await new Promise((resolve) => silent.close(resolve))
    },
  }
}

function configAt(url: string) {
  const config = kubeConfigOf(standIn.kubeconfigPath, null)
  const [cluster] = config.clusters
  if (cluster === undefined) throw new Error('no cluster')
  config.clusters = [{ ...cluster, server: url }]
  return config
}
