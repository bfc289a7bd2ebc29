import { describe, expect, it } from 'vitest'
import { additionsOf, promisedBy } from '../../src/addons/catalogue.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { choicesOf, parseAppFile } from '../../src/settings/app-file.ts'

const ENV = {
  WESTAGE_GITHUB_PRIVATE_KEY: 'PRIVATE KEY',
  WESTAGE_WEBHOOK_SECRET: 'hook',
  WESTAGE_ADDON_SECRET: 'a secret that has at least 32 characters',
}
const YAML = 'publicUrl: https://westage.test\ngithub: { appId: 7 }\ngitops: { url: https://git.test/a.git }\n'
const ADDONS = `
    mysql: { database: shop, seed: [db/schema.sql] }
    sqs:
      queues: [orders, { name: jobs.fifo, deadLetter: { queue: dead.fifo, maxReceives: 3 } }, dead.fifo]
    redis:
`
const appWith = (addons: string) => `apps:\n- name: shop\n  repository: acme/shop\n  addons:${addons}`

function faultsOf(yaml: string, env: NodeJS.ProcessEnv = ENV): readonly string[] {
  try {
    readConfig(`${YAML}${yaml}`, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('the add-ons of an app', () => {
  it('come to the catalogue as they were written, from either file', () => {
    const [app] = readConfig(`${YAML}${appWith(ADDONS)}`, ENV).config.apps
    const own = choicesOf(parseAppFile(`addons:${ADDONS}`), 'shop').addons
    for (const wanted of [app?.addons ?? {}, own ?? {}]) {
      expect(Object.keys(wanted).toSorted()).toEqual(['mysql', 'redis', 'sqs'])
      expect(promisedBy(wanted)).toMatchObject({ seedFiles: ['db/schema.sql'] })
      const objects = additionsOf(wanted, {
        namespace: 'westage-shop-a',
        passwordOf: () => 'password',
        wave: -10,
        files: new Map([['db/schema.sql', 'SELECT 1;']]),
        images: {},
      })
      expect(objects.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['mysql', 'sqs', 'redis']))
    }
  })

  it('are refused with line and nearest key where one does not exist, or a setting of it', () => {
    const faults = faultsOf(appWith('\n    mysq: {}\n    mysql:\n      databse: a\n      database: "a b"\n'))
    expect(faults).toEqual([
      'westage.yaml:8: apps[0].addons.mysq: is not a setting; did you mean apps[0].addons.mysql?',
      'westage.yaml:10: apps[0].addons.mysql.databse: is not a setting; did you mean apps[0].addons.mysql.database?',
      'westage.yaml:11: apps[0].addons.mysql.database: is not 1 to 64 letters, digits, _ or -',
    ])
    expect(() => parseAppFile('addons:\n  mysql:\n    databse: a\n')).toThrow(
      '.westage.yaml:3: addons.mysql.databse: is not a setting; did you mean addons.mysql.database?',
    )
    expect(faultsOf('addons: { allowed: [reddis], images: { mysqll: a } }')).toEqual([
      expect.stringMatching(/^westage\.yaml:4: addons\.allowed\[0\]: .*; did you mean redis\?$/),
      'westage.yaml:4: addons.images.mysqll: is not a setting; did you mean addons.images.mysql?',
    ])
  })

  it('need a secret to derive passwords from, unless these are made in the cluster', () => {
    const { WESTAGE_ADDON_SECRET: _, ...without } = ENV
    expect(faultsOf('addons: { allowed: [redis] }', without)).toEqual([
      'WESTAGE_ADDON_SECRET: is missing, and addons.allowed names add-ons',
    ])
    expect(faultsOf(appWith(' { redis: }'), without)).toEqual([
      'WESTAGE_ADDON_SECRET: is missing, and apps[0].addons names add-ons',
    ])
    expect(faultsOf('addons: { allowed: [redis], passwords: generated }', without)).toEqual([])
    expect(faultsOf('', without)).toEqual([])
    expect(faultsOf('', { ...without, WESTAGE_ADDON_SECRET: 'short' })).toEqual([
      'WESTAGE_ADDON_SECRET: is shorter than 32 characters',
    ])
    expect(readConfig(YAML, ENV).secrets.addonSecret).toBe(ENV.WESTAGE_ADDON_SECRET)
  })
})
