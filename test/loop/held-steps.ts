/** Ways to hold a preview's first run at each of its steps, so that something can happen meanwhile. */
import { once } from 'node:events'
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { startMemoryRegistry } from '../servers/memory-registry.ts'
import type { RunningRegistry } from '../servers/registry.ts'
import { startFront } from './front.ts'
import { type Given, givenInstance, REPO } from './given.ts'
import { pushBase, startHeldRunStep } from './held-run-step.ts'
import { leftBehind } from './left-behind.ts'
import { SAMPLE } from './sample.ts'

export interface Held {
  readonly here: Given
  /** Throws until the first run is there. */
  reached(): Promise<void>
  /** What is held goes on. Only the first run is held: later ones need this only at `sync` and `resolve`. */
  release(): Promise<void>
  /** Ends the servers that the hold needs, and the instance. */
  close(): Promise<void>
}

export interface HeldStep {
  readonly step: string
  /** Whether work is under way there, rather than a time to come back. */
  readonly isWork: boolean
  /** Why it can't be held on this machine, '' where it can. */
  readonly isMissing: string
  /** What else than a push ends a run there. */
  readonly endings: readonly Ending[]
  readonly hold: () => Promise<Held>
}

export type Ending = 'the close' | 'the label’s removal'
/** The loop knows both as the end of the preview: where work is alike, one step shows it for the others. */
const BOTH: readonly Ending[] = ['the close', 'the label’s removal']
const CLOSE: readonly Ending[] = ['the close']

const isCI = process.env.CI === 'true'
const path = process.env.PATH ?? ''
const noBuildah = (await commandPathOf('buildah', path)) !== null || isCI ? '' : 'no buildah'

export const HELD_STEPS: readonly HeldStep[] = [
  { step: 'fetch', isWork: true, isMissing: '', endings: BOTH, hold: holdFetch },
  { step: 'build, while a RUN step runs', isWork: true, isMissing: noBuildah, endings: BOTH, hold: holdRunStep },
  { step: 'build, while the image is pushed', isWork: true, isMissing: noBuildah, endings: CLOSE, hold: holdImagePush },
  { step: 'render', isWork: true, isMissing: '', endings: CLOSE, hold: holdRender },
  { step: 'commit, before the push is taken', isWork: true, isMissing: '', endings: CLOSE, hold: holdPush },
  { step: 'commit, before the push is answered', isWork: true, isMissing: '', endings: CLOSE, hold: holdPushAnswer },
  { step: 'sync', isWork: false, isMissing: '', endings: BOTH, hold: holdSync },
  { step: 'resolve', isWork: true, isMissing: '', endings: CLOSE, hold: holdResolve },
]

const nothing = async () => {}

/** GitHub takes long to hand out the archive. */
async function holdFetch(): Promise<Held> {
  const here = await givenInstance()
  const cancel = here.github.fail({ path: /^\/codeload\// }, { kind: 'delay', ms: 10_000 })
  return {
    here,
    async reached() {
      expect(here.github.requests.some(({ path: asked }) => asked.includes('/tarball/'))).toBe(true)
      expect(await leftBehind()).not.toEqual([])
    },
    release: async () => cancel(),
    close: here.close,
  }
}

/** One for all holds of a test file: the base image takes seconds to make. Each Dockerfile has a port of its own in it. */
let shared: Promise<{ readonly registry: RunningRegistry; readonly base: string }> | null = null
afterAll(async () => await (await shared)?.registry.close())

async function startRegistryWithBase() {
  const registry = await startMemoryRegistry()
  return { registry, base: await pushBase(registry.host) }
}

function registryWithBase() {
  shared ??= startRegistryWithBase()
  return shared
}

/** An instance that builds with buildah, from a Dockerfile whose RUN step is held. */
async function givenHeldRunStep() {
  const { registry, base } = await registryWithBase()
  const front = await startFront(registry.host)
  const runStep = await startHeldRunStep(`${front.address}/${base}`)
  const here = await givenInstance(
    { settings: { builder: 'buildah', registry: { repository: `${front.address}/{app}`, plainHttp: true } } },
    { ...SAMPLE, Dockerfile: runStep.dockerfile },
  )
  const close = async () => {
    await here.close()
    await runStep.close()
    await front.close()
  }
  return { here, front, runStep, close }
}

/** What a RUN step of the Dockerfile started waits. */
async function holdRunStep(): Promise<Held> {
  const { here, runStep, close } = await givenHeldRunStep()
  return {
    here,
    async reached() {
      expect(runStep.begun()).toBe(1)
      expect((await leftBehind()).filter((line) => line.includes('bash'))).not.toEqual([])
    },
    release: async () => runStep.release(),
    close,
  }
}

/** The registry takes connections and does not answer: the image is built, its push hangs. */
async function holdImagePush(): Promise<Held> {
  const { here, front, runStep, close } = await givenHeldRunStep()
  let hasBegun = false
  return {
    here,
    async reached() {
      if (!hasBegun) {
        expect(runStep.begun()).toBe(1)
        hasBegun = true
        await front.set('hang')
        runStep.release()
      }
      expect(front.hanging()).toBeGreaterThan(0)
      await front.set('pass')
    },
    release: nothing,
    close,
  }
}

/** A kustomize that starts a child and waits, once; after that it is the real one. */
async function holdRender(): Promise<Held> {
  const tools = await mkdtemp(join(tmpdir(), 'tools-'))
  const marker = join(tools, 'slow')
  const kustomize = await commandPathOf('kustomize', path)
  const real = kustomize === null ? `${await commandPathOf('kubectl', path)} kustomize` : `${kustomize} build`
  const script = `#!/bin/sh
[ "$1" = version ] && echo v5.0.0 && exit
if /bin/rm ${marker} 2>/dev/null; then
  /bin/sleep 60 &
  /bin/sleep 60
fi
exec ${real} "$2"
`
  await writeFile(join(tools, 'kustomize'), script)
  await chmod(join(tools, 'kustomize'), 0o755)
  await writeFile(marker, '')
  const here = await givenInstance({ path: `${tools}:${path}` })
  return {
    here,
    async reached() {
      await expect(access(marker)).rejects.toThrow()
      expect((await leftBehind()).filter((line) => line.includes('sleep'))).toHaveLength(2)
    },
    release: nothing,
    async close() {
      await here.close()
      await rm(tools, { recursive: true, force: true })
    },
  }
}

/** The git server has the push and does not look at it yet. */
async function holdPush(): Promise<Held> {
  const here = await givenInstance()
  let [hasCome, release] = [false, () => {}]
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  here.git.inject('receive-pack', { kind: 'hold', until, reached: () => (hasCome = true) })
  return {
    here,
    reached: async () => expect(hasCome).toBe(true),
    release: async () => release(),
    async close() {
      release()
      await here.close()
    },
  }
}

/** The branch has moved, and the git server does not say so yet. git documentation, githooks: reference-transaction. */
async function holdPushAnswer(): Promise<Held> {
  const here = await givenInstance()
  const marker = join(here.git.dir('gitops'), 'slow')
  await writeFile(marker, '')
  const hold = `if [ "$1" = committed ] && rm ${marker} 2>/dev/null; then sleep 60; fi`
  await here.git.hook('gitops', 'reference-transaction', hold)
  return {
    here,
    async reached() {
      await expect(access(marker)).rejects.toThrow()
      expect(await here.commits()).toHaveLength(2)
    },
    release: nothing,
    close: here.close,
  }
}

/** Argo CD stands still. */
async function holdSync(): Promise<Held> {
  const here = await givenInstance()
  here.argocd.pause()
  return {
    here,
    async reached() {
      expect(here.checkOf(1)?.output.title).toBe('Committed; waiting for Argo CD')
    },
    release: async () => here.argocd.resume(),
    close: here.close,
  }
}

/** The previews' hosts take requests and do not answer. */
async function holdResolve(): Promise<Held> {
  const unanswered = new Set<ServerResponse>()
  let isHolding = true
  const web = createServer((_, response) => {
    if (isHolding) unanswered.add(response)
    else response.end('hello')
  })
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  const { port } = web.address() as AddressInfo
  const here = await givenInstance({
    settings: { hosts: { scheme: 'http', port, resolver: { address: `127.0.0.1:${port}` } } },
  })
  return {
    here,
    reached: async () => expect(unanswered.size).toBeGreaterThan(0),
    async release() {
      isHolding = false
      for (const response of unanswered) response.destroy()
    },
    async close() {
      await here.close()
      web.closeAllConnections()
      web.close()
    },
  }
}

/** Opens the one pull request, and waits until its run is where it is held. */
export async function reach({ here, reached }: Held): Promise<number> {
  const pull = here.github.openPull(REPO, {
    branch: 'feat/pay',
    files: { 'site/new.html': 'new' },
    labels: ['westage'],
  })
  await here.until(reached)
  // It is told while the work goes on.
  await here.until(() => expect(here.checkOf(pull)?.output.title).toMatch(/^(Preparing|Committed)/))
  return pull
}
