import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kustomize, reason } from '../adapters/kustomize/real-kustomize.ts'
import { builtCommand } from '../cli/built-command.ts'
import { jobsAsProcesses } from '../fakes/jobs-as-processes.ts'
import { givenJobWorker } from './given-job-worker.ts'
import { type Given, givenWorker, REQUEST, type Repo } from './given-worker.ts'
import { REPOS, seen } from './repos.ts'

interface Way {
  readonly start: () => Promise<Given>
  /** Of the real projects. */
  readonly every: number
}
const WAYS: Readonly<Record<string, Way>> = {
  'a process of this machine': { start: () => givenWorker(), every: 6 },
  'a Job': {
    async start() {
      const { bin } = await builtCommand()
      return await givenJobWorker(jobsAsProcesses([process.execPath, bin], process.env.PATH ?? ''))
    },
    every: 30,
  },
}
const corpus = resolve(process.env.WESTAGE_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus'))
const isThere = existsSync(join(corpus, 'entries.txt'))
const entries = isThere ? readFileSync(join(corpus, 'entries.txt'), 'utf8').split('\n').filter(Boolean) : ['(none)']
const why = isThere ? reason : ' (skipped: no corpus of manifests is here; WESTAGE_CORPUS names its folder)'

describe.each(Object.entries(WAYS))('as %s, a worker', (_, { start, every }) => {
  let given: Given
  beforeAll(async () => {
    given = await start()
  })
  afterAll(() => given.close())

  describe.skipIf(kustomize === null)(`makes the same as the service itself of${reason}`, () => {
    it.each(Object.keys(REPOS))('%s', async (name) => {
      const repo = REPOS[name] as Repo
      const here = seen(await given.inProcess(repo))
      expect(seen(await given.onWorker(repo))).toEqual(here)
    })
  })

  it.skipIf(kustomize === null)('carries every number over', async () => {
    const { outcome } = await given.onWorker(REPOS['integers of 64 bits'] as Repo)
    if ('error' in outcome) throw outcome.error
    const spec = { big: 9223372036854775807n, small: -9223372036854775808n, list: [1, 9007199254740993n] }
    expect(outcome.bundle.manifests[1]).toMatchObject({ spec })
  })

  describe.skipIf(!isThere || kustomize === null)(`makes the same of real projects${why}`, () => {
    it.each(entries.filter((_, at) => at % every === 0))('%s', async (folder) => {
      const [app = '', ...below] = folder.split('/')
      const bytes = execFileSync('tar', ['-cz', '--exclude=.git', app], { cwd: corpus, maxBuffer: 1e9 })
      const own = { ...REQUEST.app, folder: below.join('/') || '.' }
      const repo = { tarball: () => Readable.from([bytes]), request: { app: own, renderRoots: ['.'] } }
      const here = seen(await given.inProcess(repo))
      expect(seen(await given.onWorker(repo))).toEqual(here)
    })
  })
})
