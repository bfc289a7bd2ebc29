import { describe, expect, it } from 'vitest'
import { appsOf } from '../../src/config/apps.ts'
import { rulesOf } from '../../src/config/rules.ts'
import { ConfigSchema } from '../../src/config/schema.ts'

const rulesWith = (app: object, more: object = {}) => {
  const config = ConfigSchema.parse({
    publicUrl: 'https://westage.test',
    github: { appId: 7 },
    gitops: { url: 'https://git.test/previews.git' },
    apps: [{ name: 'shop', repository: 'acme/shop', ...app }],
    ...more,
  })
  return appsOf(config, 'acme/shop').map((each) => rulesOf(config, each))[0]
}

describe('the rules that an app’s manifests are bent by', () => {
  it('cap a preview, stop its CronJobs and refuse what is not the namespace’s, where nothing is said', () => {
    expect(rulesWith({})).toEqual({
      hosts: {
        template: '{slug}-{host}',
        scheme: 'auto',
        port: null,
        wildcards: 'refuse',
        tls: 'keep',
        exposed: null,
        isFollowed: false,
      },
      env: [],
      formerNamespaces: [],
      podTemplates: new Map(),
      size: { replicasMax: 2, cpuRequestMax: '500m', memoryRequestMax: '1Gi', replicas: {} },
      cronJobs: [],
      clusterScoped: 'refuse',
    })
  })

  it('follow what the instance says of all apps', () => {
    const manifests = {
      clusterScoped: 'rename',
      podTemplates: [{ kind: 'Worker.example.com', path: 'spec.template' }],
      cronJobs: 'run',
      limits: { replicas: null, cpu: 2, memory: null },
    }
    expect(rulesWith({}, { manifests, hosts: { wildcards: 'map', tls: { secret: 'wildcard' } } })).toMatchObject({
      hosts: { wildcards: 'map', tls: { secret: 'wildcard' } },
      podTemplates: new Map([['Worker.example.com', ['spec', 'template']]]),
      size: { replicasMax: null, cpuRequestMax: '2', memoryRequestMax: null },
      cronJobs: 'all',
      clusterScoped: 'rename',
    })
  })

  it('follow what is said of the app, over what is said of all', () => {
    const app = { namespaces: ['shop'], env: { LOG_LEVEL: 'debug' }, followHosts: true }
    expect(rulesWith({ ...app, cronJobs: ['nightly'] }, { manifests: { cronJobs: 'run' } })).toMatchObject({
      hosts: { isFollowed: true },
      env: [{ name: 'LOG_LEVEL', value: 'debug' }],
      formerNamespaces: ['shop'],
      cronJobs: ['nightly'],
    })
    expect(rulesWith({ cronJobs: 'suspend' }, { manifests: { cronJobs: 'run' } })).toMatchObject({ cronJobs: [] })
  })
})
