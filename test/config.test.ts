import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { appsOf, ConfigError, readConfig, toolEnvironmentOf } from '../src/config.ts'

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

  it('says where YAML that can not be read is wrong', () => {
    expect(faultsOf('publicUrl: [').join('\n')).toMatch(/\(\d+:\d+\)|line/)
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
    expect(faultsOf(`${YAML}resync: 25d`)).toEqual(['resync: is longer than 24d'])
    expect(readConfig(`${YAML}logs: { keep: 60d }`, ENV).config.logs.keep).toBe(60 * 86_400_000)
  })

  it('refuses a builder without a registry, a token that is not there, and two apps of one name', () => {
    expect(faultsOf(`${YAML}builder: local`)).toEqual(['registry: is missing, and builder is local'])
    expect(faultsOf(YAML.replace('.git" }', '.git", auth: token }'))).toEqual([
      'WESTAGE_GITOPS_TOKEN: is missing, and gitops.auth is token',
    ])
    const app = '{ name: web, repository: acme/web }'
    expect(faultsOf(`${YAML}apps: [${app}, ${app}]`)).toEqual(['apps: two are called web'])
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
        context: '.',
        dockerfile: 'Dockerfile',
        image: null,
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

it('tools get the PATH and how an engine is reached, and nothing else of the environment', () => {
  expect(
    toolEnvironmentOf({ PATH: '/bin', DOCKER_HOST: 'unix:///x', WESTAGE_WEBHOOK_SECRET: 'hook', HOME: '/root' }),
  ).toEqual({
    path: '/bin',
    passed: { DOCKER_HOST: 'unix:///x' },
  })
})
