import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Endpoint } from '../../src/addons/addon.ts'
import { waitForAddons } from '../../src/addons/waiting.ts'
import { listOf, objectOf, textOf } from '../../src/manifests/json.ts'
import { containersOf, podSpecsOf } from '../../src/manifests/pod-templates.ts'
import { manifestsOf, targetOf } from '../manifests/sample.ts'

const APP = manifestsOf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: migrate}]
      containers: [{name: web}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: nightly}]}}}}}
---
apiVersion: example.com/v1
kind: Worker
metadata: {name: worker}
spec: {pod: {spec: {containers: [{name: worker}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
`)
const WORKERS = new Map([['Worker.example.com', ['spec', 'pod']]])
const ENDPOINTS: readonly Endpoint[] = [
  { host: 'mysql', port: 3306 },
  { host: 'redis', port: 6379 },
]
const waited = (endpoints: readonly Endpoint[], image: string | null = null) =>
  waitForAddons(endpoints, image)(APP, targetOf({ podTemplates: WORKERS }))

describe('pods that wait for add-ons', () => {
  it('do so before anything else of theirs, in every kind that has pods', () => {
    const orders = waited(ENDPOINTS).map((manifest) => containersOf(manifest, WORKERS).map(({ name }) => name))
    expect(orders).toEqual([
      ['westage-wait', 'migrate', 'web'],
      ['westage-wait', 'nightly'],
      ['westage-wait', 'worker'],
      [],
    ])
  })

  it('are left alone where there is nothing to wait for', () => {
    expect(waited([])).toBe(APP)
    expect(waited(ENDPOINTS).at(-1)).toBe(APP.at(-1))
  })

  it('wait in the instance’s own image where it has one, and in one by digest otherwise', () => {
    const imageIn = (image: string | null) =>
      waited(ENDPOINTS, image).flatMap((manifest) =>
        containersOf(manifest, WORKERS).map((container) => container.image),
      )
    expect(imageIn(null)[0]).toMatch(/^busybox@sha256:[0-9a-f]{64}$/)
    expect(imageIn('mirror.test/busybox:1')[0]).toBe('mirror.test/busybox:1')
  })

  it('wait as nobody, with no rights at all', () => {
    const [spec] = podSpecsOf(waited(ENDPOINTS)[0] ?? { apiVersion: '', kind: '', metadata: { name: '' } })
    expect(listOf(spec?.initContainers)[0]).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        runAsNonRoot: true,
        runAsUser: 65534,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    })
  })

  it('go on once everything takes connections, and not before', async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    // nc of these tests: what it is asked is answered by bash, so that no package is needed for it.
    const nc = 'nc() { if (exec 3<>"/dev/tcp/$4/$5") 2>/dev/null; then return 0; fi; return 1; }; sleep() { exit 7; }\n'
    const run = async (endpoints: readonly Endpoint[]) => {
      const container = containersOf(waited(endpoints)[0] ?? { apiVersion: '', kind: '', metadata: { name: '' } })[0]
      const script = textOf(listOf(objectOf(container).command)[2])
      return promisify(execFile)('bash', ['-c', nc + script]).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
      )
    }
    try {
      const there = { host: '127.0.0.1', port }
      expect(await run([there, there])).toEqual({ code: 0, stdout: '' })
      const [missing] = [{ host: '127.0.0.1', port: 1 }]
      expect(await run([there, missing])).toEqual({ code: 7, stdout: 'waiting for 127.0.0.1:1\n' })
    } finally {
      server.close()
    }
  })
})
