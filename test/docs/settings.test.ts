import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigError } from '../../src/config/config-error.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { ConfigSchema } from '../../src/config/schema.ts'
import { SecretsSchema } from '../../src/config/secrets.ts'
import { settingsOf } from './known-settings.ts'
import { codeIn, rowsOf } from './written.ts'

const PAGE = 'docs/settings.md'
const SECRETS = {
  WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----',
  WESTAGE_WEBHOOK_SECRET: 'a secret',
  WESTAGE_ARGOCD_WEBHOOK_SECRET: 'another secret',
  WESTAGE_ADDON_SECRET: 'a secret that has at least 32 characters',
}

const known = settingsOf(z.toJSONSchema(ConfigSchema, { io: 'input' }), 'apps[].addons')
const written = rowsOf(PAGE, 'setting', 'type', 'default', 'meaning')

describe('the table of settings', () => {
  it('has every setting once, and none that is not there', () => {
    expect(written.map(([key]) => key).toSorted()).toEqual(known.map(({ key }) => key).toSorted())
  })

  it.each(known)(
    'has the type and the default of $key, and what an editor says of it',
    ({ key, type, description }) => {
      const [, typeCell, defaultCell = '', meaning = ''] = written.find(([name]) => name === key) ?? []
      expect(typeCell).toBe(type)
      expect(description).toMatch(/\w.*[.]$/)
      expect(withoutLinks(meaning)).toBe(description)
      const without = ConfigSchema.safeParse(configWith(key, undefined))
      if (defaultCell === 'required') return expect(without.success).toBe(false)
      const withDefault = ConfigSchema.safeParse(configWith(key, load(defaultCell)))
      expect(withDefault.success).toBe(true)
      return expect(without).toEqual(withDefault)
    },
  )

  it('lists the secrets', () => {
    expect(rowsOf(PAGE, 'variable', 'needed', 'holds').map(([name]) => name)).toEqual(Object.keys(SecretsSchema.shape))
  })
})

describe('a westage.yaml in the documentation', () => {
  const files = [PAGE, 'docs/running.md'].flatMap((file) =>
    codeIn(file, 'yaml')
      .filter((text) => text.startsWith('# westage.yaml'))
      .map((text) => ({ file, text })),
  )

  it.each(files)('of $file is accepted', ({ text }) => {
    expect(faultsOf(text)).toEqual([])
  })

  it('is there whole: every setting is in it', () => {
    // In one of them, since some settings exclude each other.
    const all = codeIn(PAGE, 'yaml').filter((text) => text.startsWith('# westage.yaml'))
    const there = new Set(all.flatMap((text) => [...pathsIn(load(text), '')]))
    expect(known.map(({ key }) => key).filter((key) => !there.has(key))).toEqual([])
  })

  it('is there with the least that is needed: without any line of it something is missing', () => {
    const [least = ''] = codeIn('docs/running.md', 'yaml').filter((text) => text.startsWith('# westage.yaml'))
    for (const line of ['publicUrl:', 'appId:', 'url:']) {
      const without = least.split('\n').filter((each) => !each.trimStart().startsWith(line))
      expect(faultsOf(without.join('\n'))).toHaveLength(1)
    }
  })
})

const withoutLinks = (text: string): string => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')

/** A configuration with all that is required, and with `value` at `key`; without the key where that is undefined. */
function configWith(key: string, value: unknown): unknown {
  const whole: Record<string, unknown> = {
    publicUrl: 'https://westage.test',
    github: { appId: 7 },
    gitops: { url: 'https://git.test/previews.git' },
    registry: { repository: 'registry.test/{app}' },
    buildkit: {
      tls: { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' },
      job: { url: 'http://westage.test', tolerations: [{ key: 'builds' }] },
    },
    argocd: { server: { url: 'https://argocd.test' } },
    hosts: { tls: { secret: 'wildcard' } },
    manifests: { podTemplates: [{ kind: 'Worker.example.com', path: 'spec.template' }] },
    policy: { exemptions: [{ rule: 'host-path' }] },
    worker: { kubernetes: { image: 'westage', server: 'http://westage.test', tolerations: [{}] } },
    wehook: { westage: 'http://westage.test', sources: [{ name: 'stripe', check: 'stripe' }] },
    apps: [{ name: 'shop', repository: 'acme/shop' }],
  }
  const path = key.split(/\[\]\.|\./)
  const put = (section: Record<string, unknown>, [name = '', ...below]: readonly string[]): void => {
    if (below.length === 0 && value === undefined) delete section[name]
    else if (below.length === 0) section[name] = value
    else {
      section[name] ??= {}
      const inner = section[name]
      put(Object(Array.isArray(inner) ? inner[0] : inner), below)
    }
  }
  put(whole, path)
  return whole
}

function faultsOf(yaml: string): readonly string[] {
  try {
    // A token that the file does not speak of would be one too many.
    const needed = yaml.includes('WESTAGE_ARGOCD_TOKEN') ? { WESTAGE_ARGOCD_TOKEN: 'a token' } : {}
    readConfig(yaml, { ...SECRETS, ...needed })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

/** The paths of everything in a value, as the table writes them. */
function pathsIn(value: unknown, path: string): Set<string> {
  if (Array.isArray(value)) return new Set([path, ...value.flatMap((item) => [...pathsIn(item, `${path}[]`)])])
  if (typeof value !== 'object' || value === null) return new Set([path])
  const inner = Object.entries(value).flatMap(([name, item]) => [
    ...pathsIn(item, path === '' ? name : `${path}.${name}`),
  ])
  return new Set([path, ...inner])
}
