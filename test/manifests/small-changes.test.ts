/** A commit's diff shows what changed in the app and nothing else, from kustomize's own output on. */
import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../src/manifests/parse.ts'
import { printManifest } from '../../src/manifests/print.ts'
import { kustomizedText, skipReason } from './kubectl.ts'
import { targetOf, wholeOf } from './sample.ts'

const workload = (name: string, level = 'info') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: ${name}, image: acme/${name}, env: [{name: LEVEL, value: ${level}}]}]}
`
const service = (name: string, apiVersion = 'v1') => `apiVersion: ${apiVersion}
kind: Service
metadata: {name: ${name}}
`
const gateway = (apiVersion: string) => `apiVersion: ${apiVersion}
kind: Gateway
metadata: {name: door}
`
const APP = [workload('web'), service('web'), workload('worker'), gateway('gateway.networking.k8s.io/v1')]

const filesOf = (objects: readonly string[]): ReadonlyMap<string, string> => {
  const { files } = wholeOf(parseManifests(kustomizedText(objects.join('---\n'))), targetOf())
  return new Map([...files].map(([path, manifest]) => [path, printManifest(manifest)]))
}

/** The files that are not the same in both. */
function changed(before: readonly string[], after: readonly string[]): readonly string[] {
  const [old, now] = [filesOf(before), filesOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path)).toSorted()
}

describe.skipIf(skipReason)(`the files of a preview${skipReason}`, () => {
  it('are the same whatever the order in which a kustomization names its objects', () => {
    expect(changed(APP, APP.toReversed())).toEqual([])
  })

  it('change in one place by one line where one variable does', () => {
    const louder = [workload('web', 'debug'), ...APP.slice(1)]
    expect(changed(APP, louder)).toEqual(['deployment-web.yaml'])
    const [before, after] = [APP, louder].map((app) => filesOf(app).get('deployment-web.yaml')?.split('\n') ?? [])
    expect(after?.filter((line, at) => line !== before?.[at])).toEqual([expect.stringContaining('value: debug')])
    expect(after).toHaveLength(before?.length ?? 0)
  })

  it('are joined by one where an object is added, and left by one where it goes', () => {
    expect(changed(APP, [service('admin'), ...APP])).toEqual(['service-admin.yaml'])
    expect(
      changed(
        APP,
        APP.filter((object) => object !== APP[2]),
      ),
    ).toEqual(['deployment-worker.yaml'])
  })

  it('keep their names where another group’s object of the same kind is added', () => {
    expect(changed(APP, [...APP, service('web', 'serving.knative.dev/v1')])).toEqual([
      'service.serving.knative.dev-web.yaml',
    ])
    expect(changed(APP, [gateway('networking.istio.io/v1'), ...APP])).toEqual(['gateway.networking.istio.io-door.yaml'])
    const alone = [service('api', 'serving.knative.dev/v1')]
    expect(changed(alone, [...alone, service('web')])).toEqual(['service-web.yaml'])
  })
})
