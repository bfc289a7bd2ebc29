/** What runs WeStage itself in a cluster. Whether an API server takes it, end-to-end tests see. */
import { appendFileSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readConfig } from '../../src/config/read-config.ts'
import { readSecrets } from '../../src/config/secrets.ts'
import { kubectlIsMissing, kustomized, kustomizedAlone } from './kustomized.ts'

/** A file for what there is, a line of JSON for each object: test/schemas checks it. */
const RECORD_TO = process.env.CORPUS_RECORD_TO
const SECRETS = { WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\n', WESTAGE_WEBHOOK_SECRET: 'a secret\n' }

const ContainerSchema = z.looseObject({
  args: z.array(z.string()),
  ports: z.array(z.looseObject({ containerPort: z.number() })),
  securityContext: z.looseObject({}),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
})
const DeploymentSchema = z.looseObject({
  replicas: z.number(),
  strategy: z.looseObject({ type: z.string() }),
  selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }),
  template: z.looseObject({
    metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
    spec: z.looseObject({
      serviceAccountName: z.string(),
      securityContext: z.looseObject({}),
      containers: z.array(ContainerSchema).length(1),
      volumes: z.array(z.looseObject({ name: z.string() })),
    }),
  }),
})

describe.skipIf(kubectlIsMissing())('argocd/westage (needs kubectl)', () => {
  const objects = kubectlIsMissing() ? [] : kustomizedAlone('westage')
  const only = (kind: string) => {
    const [object, ...more] = objects.filter((each) => each.kind === kind)
    if (object === undefined || more.length > 0) throw new Error(`there is not one ${kind}`)
    return object
  }
  const deployment = () => DeploymentSchema.parse(only('Deployment').spec)
  const pod = () => deployment().template.spec
  const container = () => z.tuple([ContainerSchema]).parse(pod().containers)[0]

  it('starts it with the settings that lie beside it, where it looks for them', () => {
    const { name, data } = z.looseObject({ name: z.string(), data: z.record(z.string(), z.string()) }).parse({
      name: only('ConfigMap').metadata.name,
      data: only('ConfigMap').data,
    })
    const [, , file = ''] = container().args
    const [folder, key] = [file.slice(0, file.lastIndexOf('/')), file.slice(file.lastIndexOf('/') + 1)]
    const volume = container().volumeMounts.find(({ mountPath }) => mountPath === folder)?.name
    expect(pod().volumes.find((each) => each.name === volume)).toMatchObject({ configMap: { name } })
    const { config, secrets } = readConfig(data[key] ?? '', SECRETS)
    expect(config.listen.port).toBe(container().ports[0]?.containerPort)
    expect(secrets.webhookSecret).toBe('a secret')
  })

  it('takes secrets of a Secret that was made of files, whose last line ends', () => {
    expect(readSecrets(SECRETS)).toMatchObject({ secrets: { webhookSecret: 'a secret' } })
  })

  it('runs one at a time, as the account that is granted what it reads', () => {
    expect(deployment()).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
    const { name, namespace } = only('ServiceAccount').metadata
    expect([pod().serviceAccountName, only('Deployment').metadata.namespace]).toEqual([name, namespace])
    const bindings = kustomized().filter(({ kind }) => kind === 'RoleBinding')
    expect(bindings).toMatchObject([{ subjects: [{ kind: 'ServiceAccount', name, namespace }] }])
  })

  it('holds it as the profile restricted of Pod Security Standards does, with a root that nobody writes', () => {
    expect(pod().securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(container().securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('has the user and the folder that the image has', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8')
    const { runAsUser, runAsGroup } = z
      .object({ runAsUser: z.number(), runAsGroup: z.number() })
      .parse(pod().securityContext)
    expect(dockerfile).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`)
    const [, folder] = /^WORKDIR (\/var\/.*)$/m.exec(dockerfile) ?? []
    expect(container().volumeMounts.map(({ mountPath }) => mountPath)).toContain(folder)
  })

  it('is found by its Service and its NetworkPolicy', () => {
    const { labels } = deployment().template.metadata
    expect(labels).toMatchObject(deployment().selector.matchLabels)
    const { selector } = z.looseObject({ selector: z.record(z.string(), z.string()) }).parse(only('Service').spec)
    expect(labels).toMatchObject(selector)
    const policy = z
      .looseObject({ podSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }) })
      .parse(only('NetworkPolicy').spec)
    expect(labels).toMatchObject(policy.podSelector.matchLabels)
  })

  it('is of kinds that Kubernetes has', () => {
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(
      new Set(['Namespace', 'ServiceAccount', 'ConfigMap', 'Deployment', 'Service', 'NetworkPolicy']),
    )
    if (RECORD_TO === undefined) return
    for (const manifest of objects) appendFileSync(RECORD_TO, `${JSON.stringify({ folder: 'argocd', manifest })}\n`)
  })
})
