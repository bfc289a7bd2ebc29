/** What holds the pods of workers. Whether a cluster keeps to NetworkPolicies is its network plugin's. */
import { describe, expect, it } from 'vitest'
import { jobObject } from '../../src/adapters/kubernetes-jobs/job-objects.ts'
import { KubernetesWorkerSchema } from '../../src/config/kubernetes-worker.ts'
import { workerPod } from '../../src/prepare-worker/worker-pod.ts'
import { kubectlIsMissing, kustomizedAlone } from './kustomized.ts'

const standard = KubernetesWorkerSchema.parse({ image: 'westage', server: 'http://westage-workers.westage:8081' })
const settings = { ...standard, maxMemoryMb: standard.memoryMb, maxDiskMb: standard.diskMb }
const job = jobObject(
  'westage-prepare-a',
  {
    kind: 'prepare',
    work: 'shop',
    about: { app: 'shop', repository: 'acme/shop', pull: 7, sha: 'a' },
    pod: workerPod(settings, 'westage-job-a'),
    secret: { token: 'a token of one work' },
    deadlineMs: 60_000,
  },
  { instance: 'westage', process: 'a' },
)
const pod = job.spec?.template

describe.skipIf(kubectlIsMissing())('argocd/workers (needs kubectl)', () => {
  const objects = kubectlIsMissing() ? [] : kustomizedAlone('workers')
  const named = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name)

  it('lets the pods of workers out to names, to WeStage and to what is public, and nobody in', () => {
    expect(named('NetworkPolicy', 'nobody-in')).toMatchObject({
      metadata: { namespace: standard.namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    })
    const out = named('NetworkPolicy', 'workers-out')
    expect(out?.metadata.namespace).toBe(standard.namespace)
    expect(out).toMatchObject({ spec: { policyTypes: ['Egress'], egress: [{}, {}, {}] } })
    expect(pod?.metadata?.labels).toMatchObject({ 'app.kubernetes.io/component': 'prepare' })
    expect(out).toMatchObject({
      spec: { podSelector: { matchLabels: { 'app.kubernetes.io/component': 'prepare' } } },
    })
  })

  it('has a Service for the port that workers are heard on, which only they reach', () => {
    const { port } = standard.listen
    expect(named('Service', 'westage-workers')).toMatchObject({ spec: { ports: [{ port, targetPort: port }] } })
    expect(new URL(standard.server).host).toBe(`westage-workers.westage:${port}`)
    expect(named('NetworkPolicy', 'westage-workers')).toMatchObject({
      spec: { ingress: [{ from: [{ namespaceSelector: {}, podSelector: {} }], ports: [{ port }] }] },
    })
  })
})

describe('the Job of a worker', () => {
  it('has a pod without rights, as the profile restricted asks for, on a root that nobody writes', () => {
    expect(pod?.spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            privileged: false,
            capabilities: { drop: ['ALL'] },
          },
          resources: { limits: { memory: '2048Mi', cpu: '1', 'ephemeral-storage': '4096Mi' } },
        },
      ],
    })
    expect(pod?.spec?.serviceAccountName).toBeUndefined()
    expect(job.spec?.activeDeadlineSeconds).toBe(60)
  })

  it('says no secret, and passes on no variable of the service', () => {
    expect(JSON.stringify(job)).not.toContain('a token of one work')
    expect(pod?.spec?.containers[0]?.env?.map(({ name }) => name)).toEqual(['HOME', 'TMPDIR', 'NODE_OPTIONS'])
    expect(pod?.spec?.containers[0]?.envFrom).toBeUndefined()
  })

  it.each([
    ['2', '500m'],
    ['0.5', '0.5'],
    ['250m', '250m'],
  ])('that may take %s processors asks for %s', (cpu, asked) => {
    const [container] = workerPod({ ...settings, cpu }, 'westage-job-a').containers
    expect(container?.resources).toMatchObject({ requests: { cpu: asked }, limits: { cpu } })
  })
})
