import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Hono } from 'hono'
import { z } from 'zod'
import type { PreviewKey } from '../../src/domain/key.ts'
import type { PreviewView } from '../../src/domain/preview-view.ts'
import type { RunReader, RunView } from '../../src/domain/run-view.ts'
import { type ServerOptions, server } from '../../src/web/server.ts'

export const SECRET = 'a webhook secret'
export const TOKEN = 'an-api-token-of-enough-length'
export const GITOPS = { url: 'https://git.test/acme/previews.git', branch: 'main' }
export const NOW_MS = Date.UTC(2026, 0, 15, 12)

const Examples = z.array(z.object({ name: z.string(), examples: z.array(z.record(z.string(), z.unknown())) }))
const examples = Examples.parse(
  JSON.parse(
    readFileSync(
      createRequire(import.meta.url).resolve('@octokit/webhooks-examples/api.github.com/index.json'),
      'utf8',
    ),
  ),
)

/** Every example payload of an event, as GitHub sends it. */
export const examplesOf = (event: string) => examples.find(({ name }) => name === event)?.examples ?? []
export const allExamples = examples.flatMap(({ name, examples: each }) => each.map((payload) => ({ name, payload })))

/** WeStage's pages and API over plain values; `told` is what came of the requests. */
export function givenServer(more: Partial<ServerOptions> = {}) {
  const told = { keys: [] as PreviewKey[], resyncs: 0, looks: 0, failures: [] as unknown[], lines: [] as string[] }
  const options: ServerOptions = {
    webhook: {
      secret: SECRET,
      appsOf: () => ['shop'],
      gitops: GITOPS,
      enqueue: (key) => told.keys.push(key),
      resync: () => {
        told.resyncs += 1
      },
      look: () => {
        told.looks += 1
      },
      log: (line) => told.lines.push(line),
    },
    apiToken: TOKEN,
    readiness: () => ({ ready: true, checks: {} }),
    takeContext: null,
    previews: knowing([]),
    runs: noRuns,
    label: 'westage',
    logsKeptMs: 30 * 86_400_000,
    commitUrlOf: (commit) => `https://git.test/gitops/commit/${commit}`,
    now: () => NOW_MS,
    signal: new AbortController().signal,
    failed: (_, error) => told.failures.push(error),
    ...more,
  }
  return { app: server(options), told }
}

/** These previews and no other, which stay as they are. */
export const knowing = (views: readonly PreviewView[]): ServerOptions['previews'] => ({
  ...{ all: () => views, isWhole: () => true, revision: () => '1', changed: () => new Promise(() => {}) },
})

const noRuns: RunReader = { view: async () => null, async *follow() {} }

export const runsOf = (...runs: RunView[]): RunReader => ({
  view: async (id) => runs.find((run) => run.id === id) ?? null,
  async *follow() {},
})

/** A webhook as GitHub sends it, rightly signed unless `headers` say otherwise. */
export function deliver(app: Hono, event: string, body: string, headers: Record<string, string> = {}) {
  return app.request('/webhook', {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-hub-signature-256': signatureOf(body),
      ...headers,
    },
  })
}

export const signatureOf = (body: string | Uint8Array): string =>
  `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`

/** A live preview of pull request 7 of `acme/shop`. */
export function previewView(
  more: Partial<PreviewView> = {},
  pull = 7,
  branch = 'feat/checkout',
  app = 'shop',
): PreviewView {
  const slug = branch.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const host = `${slug}-${app}.preview.test`
  return {
    key: { repositoryId: 41, pull, app },
    preview: {
      app,
      slug,
      namespace: `westage-${app}-${slug}`,
      repository: { id: 41, name: `acme/${app}` },
      pull: { number: pull, url: `https://github.test/acme/${app}/pull/${pull}`, branch, author: 'dev' },
      sha: 'c0ffee1234'.repeat(4),
      url: `https://${host}`,
      hosts: [host],
      wildcards: [],
      images: { [app]: `registry.test/${app}@sha256:${'ab'.repeat(32)}` },
      common: '',
      page: `https://westage.test/previews/${app}/pr-${pull}`,
      destination: { name: 'in-cluster', server: '' },
      callbacks: [{ source: 'stripe', path: '/hooks/stripe', missed: false }],
    },
    folder: `previews/${app}/pr-${pull}`,
    state: 'live',
    reason: '',
    sinceMs: NOW_MS - 7 * 60_000,
    commit: 'd15ea5e0'.repeat(5),
    pullUrl: `https://github.test/acme/${app}/pull/${pull}`,
    ...more,
  }
}
