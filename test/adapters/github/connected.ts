/** The adapter, connected to a double of GitHub with one repo and one labelled pull request. */
import { type GitHub as Connection, connectGitHub, type GitHubOptions } from '../../../src/adapters/github/connect.ts'
import { keyText, type PreviewKey } from '../../../src/domain/key.ts'
import { checkNameOf, environmentOf } from '../../../src/domain/names.ts'
import type { Pull } from '../../../src/domain/pull.ts'
import type { Report } from '../../../src/domain/report.ts'
import type { Status } from '../../../src/domain/status.ts'
import { reportOf } from '../../../src/domain/words.ts'
import { type GitHub, startGitHub } from '../../servers/github/github.ts'

export const REPO = 'acme/shop'
export const COMMITTED = { commit: 'c'.repeat(40), committedAtMs: 1_700_000_000_000, tree: 'd'.repeat(40) }
export const FAILED: Extract<Status, { kind: 'failed' }> = {
  kind: 'failed',
  step: 'render',
  reason: 'no such file',
  whose: 'author',
  tail: ['no such file'],
  committed: null,
  lastGood: null,
}
export const HELD: Extract<Status, { kind: 'held' }> = {
  kind: 'held',
  committed: COMMITTED,
  tree: 'e'.repeat(40),
  found: { kind: 'edited', urls: [] },
  change: null,
}
export const forever = new AbortController().signal

export interface Connected {
  readonly github: GitHub
  readonly connection: Connection
  readonly key: PreviewKey
  readonly environment: string
  /** A connection of its own to the same double, as after a restart. */
  again(options?: Partial<GitHubOptions>): Connection
  read(): Promise<Pull>
  report(status: Status, pull: Pull): Promise<void>
  /** Requests since the last call, without those for tokens: `GET /repos/acme/shop/pulls/1`. */
  asked(): readonly string[]
}

type DoubleOptions = NonNullable<Parameters<typeof startGitHub>[0]>

export async function connected(double: DoubleOptions = {}, options: Partial<GitHubOptions> = {}): Promise<Connected> {
  const github = await startGitHub({ now: () => Date.now(), ...double })
  const repositoryId = github.addRepository(REPO, { 'README.md': 'shop' })
  const number = github.openPull(REPO, { branch: 'feature', files: { a: '1' }, labels: ['westage'], author: 'ada' })
  const again = (other: Partial<GitHubOptions> = {}) =>
    connectGitHub({
      apiUrl: github.apiUrl,
      appId: github.appId,
      privateKey: github.privateKey,
      label: 'westage',
      writesPerMinute: 180,
      retryBaseMs: 5,
      log: () => undefined,
      ...options,
      ...other,
    })
  const connection = again()
  const key = { repositoryId, pull: number, app: 'shop' }
  let seen = 0
  return {
    github,
    connection,
    key,
    environment: environmentOf('shop', number),
    again,
    read: () => connection.pulls.read(key, forever),
    report: (status, pull) => connection.pulls.report(pull, reportFor(status, key, pull.head), forever),
    asked() {
      const fresh = github.requests.slice(seen)
      seen = github.requests.length
      return fresh.filter(({ path }) => !path.endsWith('/access_tokens')).map(({ method, path }) => `${method} ${path}`)
    },
  }
}

/** What a pull request is told of a status, in the product's own words. */
export const reportFor = (status: Status, key: PreviewKey, sha: string): Report =>
  reportOf(status, {
    key: keyText(key),
    checkName: checkNameOf(key.app),
    environment: environmentOf(key.app, key.pull),
    sha,
    run: { id: 'run-1', url: 'https://westage.example/runs/run-1' },
    steps: [],
    notices: [],
    urls: ['https://feature-shop.example'],
    namespace: 'westage-shop-feature',
    pageUrl: 'https://westage.example/previews/shop/pr-1',
    commitUrlOf: () => null,
  })
