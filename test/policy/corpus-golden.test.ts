/** What becomes of a dozen folders of the corpus, file by file; `npx vitest run -u` writes it anew. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../src/manifests/parse.ts'
import { printManifest } from '../../src/manifests/print.ts'
import { kustomized, skipReason } from '../manifests/kubectl.ts'
import { targetOf, wholeOf } from '../manifests/sample.ts'

const corpus = resolve(process.env.WESTAGE_CORPUS ?? '../shared/corpus')
const reason =
  skipReason || (existsSync(join(corpus, 'entries.txt')) ? '' : ' (skipped: no corpus, set WESTAGE_CORPUS)')

/** One for each thing that transforms have to get right: folder -> what is to be seen there. */
const DOZEN: Readonly<Record<string, string>> = {
  'podinfo/kustomize': 'an autoscaler that goes',
  'bank-of-anthos': 'StatefulSets, ConfigMaps by envFrom, a load balancer',
  'argo-rollouts/istio': 'Rollouts, hosts of a mesh beside hosts of a Gateway',
  'kustomize-examples/ldap/overlays/staging': 'names with hashes',
  'kubernetes-examples/javaweb-tomcat-sidecar': 'Pods, a port of the node',
  'bookinfo/gateway-api': 'routes whose parents are Services',
  'gateway-api/simple-http-https': 'listeners with a wildcard',
  'gateway-api/cross-namespace-routing': 'three namespaces that become one',
  'knative/bookstore': 'Services of two groups, a Job, a claim',
  'super-heroes/openshift': 'Routes, Secrets in the clear, roles',
  'ingress-nginx/customization/external-auth-headers': 'an address of the old namespace in an annotation',
  'gke-quickstarts/gke-scheduled-autoscaler/k8s': 'CronJobs, an address of the old namespace in a script',
}

describe(`a dozen of real projects as previews${reason}`, () => {
  it.skipIf(reason).each(Object.entries(DOZEN))('%s: %s', { timeout: 60_000 }, async (folder) => {
    const { files } = wholeOf(parseManifests(await kustomized(join(corpus, folder))), targetOf())
    const text = [...files].map(([path, manifest]) => `# ${path}\n${printManifest(manifest)}`).join('---\n')
    await expect(text).toMatchFileSnapshot(`golden/${folder.replaceAll('/', '-')}.yaml`)
  })
})
