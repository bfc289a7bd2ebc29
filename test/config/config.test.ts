import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { appsOf } from '../../src/config/apps.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { toolEnvironmentOf } from '../../src/config/tool-environment.ts'
import { ED25519_OF_RFC_8032 } from '../twig/private-keys.ts'

const dir = mkdtempSync(join(tmpdir(), 'westage-config-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const KEY = '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----'
const ENV = { WESTAGE_GITHUB_PRIVATE_KEY: KEY, WESTAGE_WEBHOOK_SECRET: 'hook' }
const YAML = `
publicUrl: https://westage.example.com/
github: { appId: 7 }
gitops: { url: "https://github.com/acme/previews.git" }
`
function faultsOf(yaml: string, env: NodeJS.ProcessEnv = ENV): readonly string[] {
  try {
    readConfig(yaml, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('the configuration', () => {
  it('needs an address, an App and a GitOps repo, and has a default for the rest', () => {
    const { config } = readConfig(YAML, ENV)
    expect(config).toMatchObject({
      publicUrl: 'https://westage.example.com',
      label: 'westage',
      builder: 'none',
      github: { apiUrl: 'https://api.github.com', appId: 7 },
      hosts: { template: '{slug}-{host}' },
      argocd: { namespace: 'argocd', deadline: 600_000 },
      resync: 300_000,
    })
  })

  it('reports every fault at once, each with its path', () => {
    const faults = faultsOf('publicUrl: nowhere\ngithub: { appId: none }\nresync: soon\nlable: x\n', {})
    expect(faults).toHaveLength(7)
    const text = faults.join('\n')
    for (const path of [
      'publicUrl: ',
      'github.appId: ',
      'gitops: is missing',
      'resync: ',
      'WESTAGE_GITHUB_PRIVATE_KEY: is missing',
      'WESTAGE_WEBHOOK_SECRET: is missing',
      'lable',
    ]) {
      expect(text).toContain(path)
    }
  })

  it('says the file as it was given, the line, and the nearest right setting', () => {
    expect(() => readConfig(`${YAML}hosts:\n  tmplate: x\n`, ENV, 'conf/we.yaml')).toThrow(
      'conf/we.yaml:6: hosts.tmplate: is not a setting; did you mean hosts.template?',
    )
  })

  it('says where YAML that can not be read is wrong', () => {
    expect(faultsOf('publicUrl: x\ngithub: [\n')[0]).toMatch(/^westage\.yaml:\d: can't be read as YAML: /)
  })

  it('says that together with what is wrong with the secrets, and a file that can not be read once', () => {
    const env = { WESTAGE_GITHUB_PRIVATE_KEY_FILE: join(dir, 'none'), WESTAGE_WEBHOOK_SECRET: '' }
    const faults = faultsOf('publicUrl: [', env)
    expect(faults).toHaveLength(3)
    expect(faults.filter((fault) => fault.startsWith('WESTAGE_GITHUB_PRIVATE_KEY'))).toHaveLength(1)
    expect(faults.some((fault) => fault.startsWith('WESTAGE_WEBHOOK_SECRET'))).toBe(true)
  })

  it('takes durations with a unit only', () => {
    expect(readConfig(`${YAML}resync: 90s`, ENV).config.resync).toBe(90_000)
    expect(faultsOf(`${YAML}resync: 90`)).toHaveLength(1)
    expect(faultsOf(`${YAML}resync: 0s`)).toHaveLength(1)
    expect(faultsOf(`${YAML}resync: 25d`)).toEqual(['westage.yaml:5: resync: is longer than 24d'])
    expect(readConfig(`${YAML}logs: { keep: 60d }`, ENV).config.logs.keep).toBe(60 * 86_400_000)
  })

  it('takes whole numbers of pushes, and some of them', () => {
    const pushes = (text: string) => YAML.replace('.git" }', `.git", pushes: ${text} }`)
    expect(readConfig(pushes('{ perMinute: 60 }'), ENV).config.gitops.pushes).toEqual({ perMinute: 60, burst: 20 })
    for (const wrong of ['{ perMinute: 0 }', '{ perMinute: 1.5 }', '{ burst: 0 }', '{ burst: null }']) {
      expect(faultsOf(pushes(wrong))).toHaveLength(1)
    }
  })

  it('refuses a builder without a registry, a token that is not there, and two apps of one name', () => {
    expect(faultsOf(`${YAML}builder: local`)).toEqual(['westage.yaml:5: registry: is missing, and builder is local'])
    expect(faultsOf(YAML.replace('.git" }', '.git", auth: token }'))).toEqual([
      'WESTAGE_GITOPS_TOKEN: is missing, and gitops.auth is token',
    ])
    expect(faultsOf(YAML.replace('.git" }', '.git", auth: token, write: api }'))).toContain(
      'westage.yaml:4: gitops.write: is api, and gitops.auth is token',
    )
    const app = '{ name: web, repository: acme/web }'
    expect(faultsOf(`${YAML}apps: [${app}, ${app}]`)).toEqual(['westage.yaml:5: apps: two are called web'])
  })

  it('refuses an argocd-server without a token, and a token without an argocd-server', () => {
    const server = `${YAML}argocd: { server: { url: "https://argocd.example.com/" } }`
    const env = { ...ENV, WESTAGE_ARGOCD_TOKEN: 'a token' }
    expect(faultsOf(server)).toEqual(['WESTAGE_ARGOCD_TOKEN: is missing, and argocd.server is set'])
    expect(faultsOf(YAML, env)).toEqual(['westage.yaml:2: argocd.server: is missing, and WESTAGE_ARGOCD_TOKEN is set'])
    const { config, secrets } = readConfig(server, env)
    expect(config.argocd).toMatchObject({
      server: { url: 'https://argocd.example.com', caFile: null },
      crashRestarts: 3,
    })
    expect(secrets.argocdToken).toBe('a token')
  })

  it('takes a destination by its name or by its address', () => {
    const destinationOf = (text: string) =>
      readConfig(`${YAML}argocd: { destination: "${text}" }`, ENV).config.argocd.destination
    expect(readConfig(YAML, ENV).config.argocd.destination).toEqual({ name: 'in-cluster', server: '' })
    expect(destinationOf('arn:aws:eks:eu-west-1:1234:cluster/a')).toMatchObject({ server: '' })
    expect(destinationOf('https://10.0.0.1:6443/')).toEqual({ name: '', server: 'https://10.0.0.1:6443' })
    for (const text of ['', 'a b', 'https://', '{{x}}', 'https://me:pass@a.test']) {
      expect(faultsOf(`${YAML}argocd: { destination: "${text}" }`)).toEqual([
        'westage.yaml:5: argocd.destination: is neither the name of a cluster nor the address of its API server',
      ])
    }
  })

  it('refuses folders that leave the repo', () => {
    for (const folder of ['/etc', '../x', 'a/../../b']) {
      expect(faultsOf(`${YAML}apps: [{ name: web, repository: acme/web, folder: "${folder}" }]`)).toHaveLength(1)
    }
  })

  it('reads a secret from a file, and says which file can not be read', () => {
    const file = join(dir, 'key.pem')
    writeFileSync(file, `${KEY}\n`)
    const { secrets } = readConfig(YAML, { ...ENV, WESTAGE_GITHUB_PRIVATE_KEY_FILE: file })
    expect(secrets.githubPrivateKey).toBe(KEY)
    expect(faultsOf(YAML, { ...ENV, WESTAGE_WEBHOOK_SECRET_FILE: join(dir, 'none') })[0]).toContain(
      'WESTAGE_WEBHOOK_SECRET_FILE',
    )
  })

  it('takes a signing key that a signature can be made with, and says at once with the other faults what another lacks', () => {
    const signing = (key: string) => ({ ...ENV, WESTAGE_GITOPS_SIGNING_KEY: key })
    expect(readConfig(YAML, ENV).secrets.gitopsSigningKey).toBeNull()
    expect(readConfig(YAML, signing(ED25519_OF_RFC_8032)).secrets.gitopsSigningKey).toBe(ED25519_OF_RFC_8032.trim())
    const file = join(dir, 'signing-key')
    writeFileSync(file, ED25519_OF_RFC_8032)
    expect(readConfig(YAML, { ...ENV, WESTAGE_GITOPS_SIGNING_KEY_FILE: file }).secrets.gitopsSigningKey).toBe(
      ED25519_OF_RFC_8032.trim(),
    )
    const faults = faultsOf('publicUrl: nowhere', { WESTAGE_GITOPS_SIGNING_KEY: 'ssh-ed25519 AAAA me' })
    expect(faults).toContainEqual(
      expect.stringMatching(/^WESTAGE_GITOPS_SIGNING_KEY: is a public key: give the private/),
    )
    for (const other of ['publicUrl: ', 'WESTAGE_GITHUB_PRIVATE_KEY: is missing']) {
      expect(faults.join('\n')).toContain(other)
    }
    expect(faultsOf(YAML, signing(KEY))).toEqual([
      'WESTAGE_GITOPS_SIGNING_KEY: is damaged or cut: give the whole file, as ssh-keygen or openssl wrote it',
    ])
    expect(faultsOf(YAML.replace('.git" }', '.git", write: api }'), signing(ED25519_OF_RFC_8032))).toEqual([
      'WESTAGE_GITOPS_SIGNING_KEY: is set, and gitops.write is api: GitHub signs with a key of its own',
    ])
  })

  it('names no secret in a fault', () => {
    expect(
      faultsOf(YAML, { ...ENV, WESTAGE_GITHUB_PRIVATE_KEY: 'hunter2', WESTAGE_API_TOKEN: 'short' }).join('\n'),
    ).not.toMatch(/hunter2|'short'|"short"/)
  })
})

describe('the apps of a repo', () => {
  it('are one by the repo’s own name where none is configured', () => {
    const { config } = readConfig(YAML, ENV)
    expect(appsOf(config, 'acme/Shop.Web')).toEqual([
      {
        name: 'shop-web',
        repository: 'acme/Shop.Web',
        folder: null,
        context: null,
        dockerfile: null,
        build: null,
        image: null,
        images: null,
        when: 'always',
        paths: null,
        namespaces: [],
        env: {},
        followHosts: false,
        cronJobs: null,
        addons: {},
      },
    ])
  })

  it('are those configured for it, whatever the case of the name', () => {
    const { config } = readConfig(
      `${YAML}apps: [{ name: web, repository: acme/mono, folder: web/k8s }, { name: api, repository: Acme/Mono }]`,
      ENV,
    )
    expect(appsOf(config, 'acme/mono').map(({ name }) => name)).toEqual(['web', 'api'])
  })
})

describe('nudging Argo CD', () => {
  const nudging = (nudge: string, more = '') => `${YAML}argocd: { nudge: ${nudge}${more} }`
  const SECRET = { ...ENV, WESTAGE_ARGOCD_WEBHOOK_SECRET: 'hush' }

  it('is left out where nothing is said of it, and needs nothing by annotations', () => {
    expect(readConfig(YAML, ENV).config.argocd.nudge.via).toBe('none')
    expect(faultsOf(nudging('{ via: annotations }'))).toEqual([])
  })

  it('by webhook needs both addresses and the secret', () => {
    expect(faultsOf(nudging('{ via: webhook }'))).toEqual([
      'westage.yaml:5: argocd.nudge.server: is missing, and argocd.nudge.via is webhook',
      'westage.yaml:5: argocd.nudge.applicationSet: is missing, and argocd.nudge.via is webhook',
      'WESTAGE_ARGOCD_WEBHOOK_SECRET: is missing, and argocd.nudge.via is webhook',
    ])
  })

  it('takes the receivers by the address of their part or by their own', () => {
    const addresses =
      '{ via: webhook, server: "https://argocd.test/root/", applicationSet: "http://set.test/api/webhook" }'
    const { config, secrets } = readConfig(nudging(addresses), SECRET)
    expect(config.argocd.nudge).toMatchObject({
      server: 'https://argocd.test/root/api/webhook',
      applicationSet: 'http://set.test/api/webhook',
    })
    expect(secrets.argocdWebhookSecret).toBe('hush')
  })

  it('takes no address with credentials, which would stand in logs', () => {
    const addresses = '{ via: webhook, server: "https://a:b@argocd.test", applicationSet: "http://set.test" }'
    expect(faultsOf(nudging(addresses), SECRET)).toEqual(['westage.yaml:5: argocd.nudge.server: has credentials in it'])
  })

  it('finds argocd-server where it is named for what fails', () => {
    const yaml = nudging(
      '{ via: webhook, applicationSet: "http://set.test" }',
      ', server: { url: "https://argocd.test" }',
    )
    expect(faultsOf(yaml, { ...SECRET, WESTAGE_ARGOCD_TOKEN: 'token' })).toEqual([])
  })
})

it('tools get the PATH and how an engine is reached, and nothing else of the environment', () => {
  expect(
    toolEnvironmentOf({ PATH: '/bin', DOCKER_HOST: 'unix:///x', WESTAGE_WEBHOOK_SECRET: 'hook', HOME: '/root' }),
  ).toMatchObject({
    path: '/bin',
    passed: { DOCKER_HOST: 'unix:///x' },
  })
})
