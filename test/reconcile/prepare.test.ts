import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { BuildRequest } from '../../src/ports.ts'
import { prepare } from '../../src/reconcile/prepare.ts'
import { stepsOf } from '../../src/reconcile/steps.ts'
import { runsInMemory } from '../fakes/runs-in-memory.ts'
import { virtualClock } from '../fakes/virtual-clock.ts'
import { BUILT } from '../manifests/sample.ts'
import { REQUEST, SHOP } from './shop.ts'

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

const APP = {
  ...SHOP,
  build: {
    args: { MODE: 'preview', REGION: 'eu' },
    target: null,
    platforms: ['linux/amd64'],
    secrets: { npmrc: '/etc/westage/npmrc' },
  },
}
const CLUSTER_ROLE = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\n'

interface Repo {
  readonly appFile?: string
  readonly yaml: string
  readonly isBuilt?: boolean
}

/** A run of prepare on a repo that holds this. */
async function preparing({ appFile, yaml, isBuilt = false }: Repo) {
  const { signal } = new AbortController()
  const run = await runsInMemory().start({ key: '1/7/shop', title: '', pullUrl: '', sha: '' })
  const seen: { isPutAway: boolean; folder: string | null; built: BuildRequest | null } = {
    isPutAway: false,
    folder: null,
    built: null,
  }
  const prepared = prepare(
    { ...REQUEST, app: APP },
    {
      archives: { tarball: async () => Readable.from([]) },
      unpacker: { unpack: async () => {} },
      files: { text: async (_, path) => (path === '.westage.yaml' ? (appFile ?? null) : null) },
      kustomize: {
        version: 'kustomize',
        folderOf: async (_, wanted) => wanted ?? 'k8s',
        scan: async () => ({ missing: [] }),
        build: async (_, folder) => {
          seen.folder = folder
          return yaml
        },
      },
      builder: {
        name: isBuilt ? 'local' : 'none',
        needsSource: isBuilt,
        build: async (wanted) => {
          seen.built = wanted
          return isBuilt ? { ...BUILT, isReused: false } : null
        },
      },
      workspaces: {
        open: async () => ({
          path: '/tmp',
          async [Symbol.asyncDispose]() {
            for (let turn = 0; turn < 5; turn++) await setImmediate()
            seen.isPutAway = true
          },
        }),
      },
    },
    stepsOf(run, virtualClock(), 60_000, signal),
    signal,
  )
  return { prepared, seen }
}

it('that fails in its last step fails once its folder is put away, and never on its own before', async () => {
  const { prepared, seen } = await preparing({ yaml: CLUSTER_ROLE })
  await expect(prepared).rejects.toThrow('ClusterRole/all')
  expect(seen.isPutAway).toBe(true)
  expect(unheard).toEqual([])
})

it('builds and renders what .westage.yaml says, and says of it what counts for nothing', async () => {
  const yaml =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: { containers: [{ name: a, image: front }, { name: b, image: other }] } } }\n'
  const appFile =
    'folder: deploy\ncontext: front\ndockerfile: front/Dockerfile\nbuild: { args: { MODE: full }, target: web }\nimage: front\napps: { shpo: {} }\n'
  const { prepared, seen } = await preparing({ yaml, appFile, isBuilt: true })
  const { bundle, notices } = await prepared
  expect(seen).toMatchObject({ folder: 'deploy', built: { context: 'front', dockerfile: 'front/Dockerfile' } })
  expect(seen.built).toMatchObject({
    args: { MODE: 'full', REGION: 'eu' },
    target: 'web',
    platforms: ['linux/amd64'],
    secrets: { npmrc: '/etc/westage/npmrc' },
  })
  expect(Object.keys(bundle.images)).toEqual(['front'])
  expect(notices).toEqual([expect.stringContaining('did you mean shop?')])
})
