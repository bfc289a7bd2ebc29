import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { prepare } from '../../src/reconcile/prepare.ts'
import { stepsOf } from '../../src/reconcile/steps.ts'
import { runsInMemory } from '../fakes/runs-in-memory.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'
import { POLICY, RULES } from '../manifests/sample.ts'

const unheard: unknown[] = []
const hear = (reason: unknown) => void unheard.push(reason)
let others: NodeJS.UnhandledRejectionListener[] = []
beforeEach(() => {
  others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', hear)
})
afterEach(() => {
  process.off('unhandledRejection', hear)
  for (const listener of others) process.on('unhandledRejection', listener)
})

it('that fails in its last step fails once its folder is put away, and never on its own before', async () => {
  const { signal } = new AbortController()
  const run = await runsInMemory().start({ key: '1/7/shop', title: '', pullUrl: '', sha: '' })
  const repository = { id: 1, name: 'acme/shop' }
  const target = {
    app: 'shop',
    slug: 'pay',
    namespace: 'westage-shop-pay',
    repository,
    pull: { number: 7, url: 'https://github.test/7', branch: 'pay' },
    sha: 'a'.repeat(40),
    ...RULES,
  }
  const app = {
    name: 'shop',
    appsOfRepo: ['shop'],
    folder: null,
    context: '.',
    dockerfile: 'Dockerfile',
    image: null,
    rules: RULES,
    addons: {},
  }
  let isPutAway = false
  const failing = prepare(
    {
      app,
      target,
      renderRoots: ['k8s'],
      policy: { app: 'shop', namespace: target.namespace, settings: POLICY, podTemplates: new Map(), beside: [] },
      addons: { allowed: [], images: {}, waitImage: null },
    },
    {
      archives: { tarball: async () => Readable.from([]) },
      unpacker: { unpack: async () => {} },
      files: { text: async () => null },
      kustomize: {
        version: 'kustomize',
        folderOf: async () => 'k8s',
        scan: async () => ({ missing: [] }),
        build: async () => 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\n',
      },
      builder: { name: 'none', needsSource: false, build: async () => null },
      workspaces: {
        open: async () => ({
          path: '/tmp',
          async [Symbol.asyncDispose]() {
            for (let turn = 0; turn < 5; turn++) await setImmediate()
            isPutAway = true
          },
        }),
      },
    },
    stepsOf(run, virtualClock(), 60_000, signal),
    signal,
  )
  await expect(failing).rejects.toThrow('ClusterRole/all')
  expect(isPutAway).toBe(true)
  expect(unheard).toEqual([])
})
