import { describe, expect, it } from 'vitest'
import { additionsOf, promisedBy } from '../../src/addons/catalogue.ts'
import { runFirst } from '../../src/addons/seed-jobs.ts'
import { wavesBefore } from '../../src/addons/waves.ts'
import { listOf, objectOf } from '../../src/manifests/json.ts'
import { annotationsOf, objectName } from '../../src/manifests/manifest.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import { waveOf } from '../../src/manifests/sync-wave.ts'
import { manifestsOf, targetOf } from '../manifests/sample.ts'
import { faultOf } from './fault-of.ts'
import { instanceOf } from './sample.ts'

describe.each(['mysql', 'postgres'])('SQL files for %s', (addon) => {
  const seeded = (paths: readonly string[], files: ReadonlyMap<string, string>) =>
    additionsOf({ [addon]: { seed: paths } }, instanceOf({ files }))
  const configMapIn = (manifests: ReturnType<typeof seeded>) => manifests.find(({ kind }) => kind === 'ConfigMap')

  it('are where the image looks for them, and named so that it runs them in their order', () => {
    const paths = ['db/z.sql', 'db/a b.sql', 'other/z.sql']
    const manifests = seeded(paths, new Map(paths.map((path) => [path, `-- ${path}\n`])))
    expect(configMapIn(manifests)?.data).toEqual({
      '00-z.sql': '-- db/z.sql\n',
      '01-a_b.sql': '-- db/a b.sql\n',
      '02-z.sql': '-- other/z.sql\n',
    })
    const mounts = manifests.flatMap((manifest) => containersOf(manifest)).flatMap((one) => listOf(one.volumeMounts))
    expect(mounts.map((mount) => objectOf(mount).mountPath)).toContain('/docker-entrypoint-initdb.d')
    expect(promisedBy({ [addon]: { seed: paths } }).seedFiles).toEqual(paths)
  })

  it('start the database anew when one of them changes', () => {
    const digestOf = (text: string) =>
      seeded(['a.sql'], new Map([['a.sql', text]])).map(({ spec }) =>
        objectOf(objectOf(objectOf(spec).template).metadata),
      )
    expect(digestOf('select 1;')).toEqual(digestOf('select 1;'))
    expect(digestOf('select 1;')).not.toEqual(digestOf('select 2;'))
  })

  it('that the repo does not have are named', () => {
    expect(faultOf(() => seeded(['db/a.sql'], new Map()))).toContain(`addons.${addon}.seed: there is no db/a.sql`)
  })

  it('past what a ConfigMap holds are refused with another way', () => {
    const half = '-'.repeat(500_001)
    const files = new Map([
      ['a.sql', half],
      ['b.sql', half],
    ])
    expect(faultOf(() => seeded(['a.sql', 'b.sql'], files))).toMatch(/1000002 bytes.*1000000.*job: NAME/)
    expect(faultOf(() => seeded(['a.sql'], files))).toBe('')
  })
})

const APP = manifestsOf(`
apiVersion: batch/v1
kind: Job
metadata: {name: fill}
spec:
  template:
    spec:
      serviceAccountName: filler
      containers: [{name: fill, envFrom: [{configMapRef: {name: settings}}]}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: hooked, annotations: {helm.sh/hook: post-install, helm.sh/hook-weight: "5"}}
spec: {template: {spec: {containers: [{name: fill}]}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: filler}
imagePullSecrets: [{name: pull}]
---
apiVersion: v1
kind: Secret
metadata: {name: pull}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, annotations: {argocd.argoproj.io/sync-wave: "3"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {argocd.argoproj.io/sync-wave: "-4"}}
spec: {template: {spec: {containers: [{name: web}]}}}
`)

describe('a Job that fills a database', () => {
  const waves = wavesBefore(APP)
  const made = (jobs: readonly string[]) => runFirst(jobs, waves.seeds)(APP, targetOf())
  const wavesIn = (manifests: typeof APP) =>
    Object.fromEntries(manifests.map((manifest) => [objectName(manifest), waveOf(manifest)]))

  it('runs after the add-ons and before everything else of the app, with what it needs to start', () => {
    expect(waves).toEqual({ addons: -6, seeds: -5 })
    expect(wavesIn(made(['fill']))).toEqual({
      'Job/fill': -5,
      'Job/hooked': 5,
      'ServiceAccount/filler': -5,
      'Secret/pull': -5,
      'ConfigMap/settings': -5,
      'Deployment/web': -4,
    })
  })

  it('that is a hook after the sync becomes one within it', () => {
    const job = made(['hooked']).find((manifest) => objectName(manifest) === 'Job/hooked')
    expect(job && annotationsOf(job)).toEqual({
      'argocd.argoproj.io/hook': 'Sync',
      'argocd.argoproj.io/sync-wave': '-5',
      'helm.sh/hook-weight': '5',
    })
  })

  it('leaves all else as it is', () => {
    expect(made([])).toBe(APP)
    expect(made(['fill']).at(-1)).toBe(APP.at(-1))
  })

  it('has to be there, and the Jobs that are there are named', () => {
    expect(promisedBy({ mysql: { seed: { job: 'fill' } }, postgres: { seed: { job: 'fill' } } }).seedJobs).toEqual([
      'fill',
    ])
    expect(faultOf(() => made(['nosuch']))).toMatch(/Job\/nosuch.*fill, hooked/)
  })
})

describe('add-ons', () => {
  it('come before objects that come early themselves, and after the Namespace', () => {
    const early = manifestsOf(`
apiVersion: v1
kind: Namespace
metadata: {name: x, annotations: {argocd.argoproj.io/sync-wave: "-100"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, annotations: {argocd.argoproj.io/sync-wave: "7"}}
`)
    expect(wavesBefore(early)).toEqual({ addons: -2, seeds: -1 })
  })
})
