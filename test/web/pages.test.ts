import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RunView } from '../../src/domain/run-view.ts'
import { givenServer, knowing, NOW_MS, previewView, runsOf } from './given.ts'

const ID = 'ab'.repeat(16)
const EVIL = `</pre></script><script>alert(1)</script><img src=x onerror="alert(1)">'"&`
const run = (more: Partial<RunView> = {}): RunView => ({
  id: ID,
  about: {
    key: '41/7/shop',
    title: 'shop #7 at c0ffee1',
    pullUrl: 'https://github.test/acme/shop/pull/7',
    sha: 'c0ffee1234'.repeat(4),
  },
  steps: [
    { step: 'fetch', startedAtMs: NOW_MS - 99_000, endedAtMs: NOW_MS - 97_600, outcome: 'done', note: '212 files' },
    { step: 'build', startedAtMs: NOW_MS - 97_600, endedAtMs: null, outcome: 'running', note: '' },
  ],
  lines: [
    { number: 1, text: 'fetching' },
    { number: 2, text: '#1 FROM node:20' },
  ],
  changes: [],
  ...more,
})
const textOf = async (app: ReturnType<typeof givenServer>['app'], path: string) => (await app.request(path)).text()

/** What a page runs, applies or links to beyond its own inline stylesheet and script. */
function loaded(page: string, policy: string) {
  const inline = [...page.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)].map(([, , text = '']) => text)
  return {
    foreign: [...page.matchAll(/<(script|style|link|img|iframe|object|form)\b[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => !['<script>', '<style>'].includes(tag) && !tag.includes('href="data:image/svg+xml')),
    handlers: [...page.matchAll(/<[^>]*\son\w+=/g)].map(([tag]) => tag),
    refused: inline.filter((text) => !policy.includes(createHash('sha256').update(text).digest('base64'))),
  }
}

describe('the list of previews', () => {
  it('says what to do where there are none', async () => {
    expect(await textOf(givenServer({ label: 'preview me' }).app, '/')).toMatch(
      /No previews yet[\s\S]*<code>preview me<\/code>/,
    )
  })

  it('shows each by app, with its pull request, branch, state, address, age and SHA, and no run', async () => {
    const previews = knowing([
      previewView(),
      previewView({ state: 'failed' }, 12, 'fix/cart'),
      previewView({}, 3, 'main', 'blog'),
    ])
    const page = await textOf(givenServer({ previews }).app, '/')
    for (const part of [
      '#7',
      'feat/checkout',
      'Live',
      'https://feat-checkout-shop.preview.test',
      '7 min ago',
      'c0ffee1',
      'Failed',
      '3 in all, 2 live',
    ]) {
      expect(page).toContain(part)
    }
    expect(page.indexOf('>blog<')).toBeLessThan(page.indexOf('>shop<'))
    expect(page.indexOf('#12')).toBeLessThan(page.indexOf('#7<'))
    expect(page).not.toContain('runs/')
    expect(await textOf(givenServer({ previews }).app, '/?app=blog')).not.toContain('feat/checkout')
  })

  it('stays small with 10,000 of them', async () => {
    const views = Array.from({ length: 10_000 }, (_, nth) => previewView({}, nth + 1))
    const page = await textOf(givenServer({ previews: knowing(views) }).app, '/')
    expect(page.length).toBeLessThan(1_000_000)
    expect(page).toContain('And 9500 more')
  })
})

describe('the page of a preview', () => {
  it('shows where it is, what runs there and why it is not up', async () => {
    const view = previewView({ state: 'failed', reason: 'Deployment/shop: ImagePullBackOff' })
    const page = await textOf(givenServer({ previews: knowing([view]) }).app, '/previews/shop/pr-7')
    for (const part of [
      'Failed',
      'Deployment/shop: ImagePullBackOff',
      'westage-shop-feat-checkout',
      `shop@sha256:${'ab'.repeat(32)}`,
      'https://feat-checkout-shop.preview.test',
      `https://git.test/gitops/commit/${view.commit}`,
      'previews/shop/pr-7',
    ]) {
      expect(page).toContain(part)
    }
  })

  it('is there before the first commit', async () => {
    const view = previewView({ preview: null, state: 'preparing', sinceMs: null, commit: '' })
    const page = await textOf(givenServer({ previews: knowing([view]) }).app, '/previews/shop/pr-7')
    expect(page).toContain('Preparing')
    expect(page).toContain('not committed yet')
  })

  it.each([
    '/previews/shop/pr-8',
    '/previews/blog/pr-7',
    '/previews/shop/7',
    '/previews/shop/pr-07',
    '/previews/shop/pr-x',
  ])('is not found at %s', async (path) => {
    expect((await givenServer({ previews: knowing([previewView()]) }).app.request(path)).status).toBe(404)
  })
})

describe('the page of a run', () => {
  const { app } = givenServer({ runs: runsOf(run()) })

  it('shows what people changed by hand, as text, and nothing of it where nobody did', async () => {
    const changes = ['--- manifests/a.yaml', '+++ manifests/a.yaml', '-replicas: 1', `+replicas: ${EVIL}`]
    const page = await textOf(givenServer({ runs: runsOf(run({ changes })) }).app, `/runs/${ID}`)
    expect(page).toContain('<section id="by-hand">')
    expect(page).toContain('<span class="gone">-replicas: 1</span>')
    expect(page).not.toContain(EVIL)
    expect(await textOf(app, `/runs/${ID}`)).toContain('<section id="by-hand" hidden>')
  })

  it('shows its steps with how long they took, and its log, without any script', async () => {
    const answer = await app.request(`/runs/${ID}`)
    const page = (await answer.text()).replace(/<script>[\s\S]*<\/script>/, '')
    for (const part of [
      'shop #7 at c0ffee1',
      '212 files',
      '1.4 s',
      '1 min 38 s',
      'running',
      'fetching\n#1 FROM node:20\n',
      'resolve',
    ]) {
      expect(page).toContain(part)
    }
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('has its whole log as plain text', async () => {
    const answer = await app.request(`/runs/${ID}/log`)
    expect(await answer.text()).toBe('fetching\n#1 FROM node:20\n')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('opens with the end of a long log', async () => {
    const lines = Array.from({ length: 30_000 }, (_, nth) => ({ number: nth + 1, text: `line ${nth + 1}` }))
    const page = await textOf(givenServer({ runs: runsOf(run({ lines })) }).app, `/runs/${ID}`)
    expect(page).toContain('line 30000\n')
    expect(page).not.toContain('line 20000\n')
    expect(page).toContain('from=30000')
  })

  it.each(['', '/log', '/events'])(
    'is not found where there is no such run%s, and says how long logs are kept',
    async (rest) => {
      const answer = await givenServer().app.request(`/runs/${ID}${rest}`)
      expect(answer.status).toBe(404)
      if (rest === '') expect(await answer.text()).toContain('kept for 30 days')
    },
  )
})

describe('what others wrote', () => {
  const evilView = previewView({ reason: EVIL, commit: EVIL, folder: EVIL, pullUrl: 'javascript:alert(1)' }, 7, EVIL)
  const preview =
    evilView.preview === null
      ? null
      : {
          ...evilView.preview,
          url: 'javascript:alert(1)',
          hosts: [EVIL],
          images: { [EVIL]: EVIL },
          namespace: EVIL,
          sha: EVIL,
          repository: { id: 41, name: EVIL },
        }
  const evilRun = run({
    about: { key: EVIL, title: EVIL, pullUrl: 'javascript:alert(1)', sha: EVIL },
    steps: [{ step: 'build', startedAtMs: 0, endedAtMs: 1, outcome: 'failed', note: EVIL }],
    lines: [{ number: 1, text: EVIL }],
  })
  const { app } = givenServer({
    previews: knowing([{ ...evilView, preview }]),
    runs: runsOf(evilRun),
    label: EVIL,
    commitUrlOf: () => 'javascript:alert(1)',
  })

  it.each(['/', '/previews/shop/pr-7', '/previews/shop/pr-8', `/runs/${ID}`, `/?app=${encodeURIComponent(EVIL)}`])(
    'is text on %s, and nothing else',
    async (path) => {
      const answer = await app.request(path)
      const page = await answer.text()
      expect(loaded(page, answer.headers.get('content-security-policy') ?? '')).toEqual({
        foreign: [],
        handlers: [],
        refused: [],
      })
      expect(page).not.toContain('href="javascript:')
      expect(page).toContain('&lt;script&gt;')
    },
  )
})
