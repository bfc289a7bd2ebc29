import { describe, expect, it } from 'vitest'
import { changesOf } from '../../src/manifests/changes.ts'
import { dropOverriddenVariables } from '../../src/manifests/drop-overridden-variables.ts'
import { injectEnv } from '../../src/manifests/inject-env.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import { changed, deployment } from './only.ts'

const env = [{ name: 'LOG_LEVEL', value: 'debug' }]
const OWN = [
  { name: 'PORT', value: '80' },
  { name: 'WESTAGE_URL', value: 'https://shop.example.com' },
  { name: 'LOG_LEVEL', valueFrom: { configMapKeyRef: { name: 'shop', key: 'level' } } },
  { name: 'LINK', value: '$(WESTAGE_URL)/x' },
]
const envsOf = (manifest: ReturnType<typeof deployment>) => containersOf(manifest).map((container) => container.env)

describe('a variable that both the container and WeStage, an add-on or the operators set', () => {
  it('is theirs, in every container', () => {
    const both = deployment({ initContainers: [{ name: 'a', env: OWN }], containers: [{ name: 'b', env: OWN }] })
    const kept = [OWN[0], OWN[3]]
    expect(envsOf(changed(dropOverriddenVariables, both, { env }))).toEqual([kept, kept])
  })

  it('stands once in the end, above the container’s own that build on it', () => {
    const both = deployment({ containers: [{ name: 'b', env: OWN }] })
    const [made] = envsOf(changed(injectEnv, changed(dropOverriddenVariables, both, { env }), { env }))
    const names = Array.isArray(made) ? made.map(({ name }) => name) : []
    expect(new Set(names).size).toBe(names.length)
    expect(names.indexOf('WESTAGE_URL')).toBeLessThan(names.indexOf('LINK'))
    expect(made).toContainEqual({ name: 'LOG_LEVEL', value: 'debug' })
  })

  it('is told without the password in its address', () => {
    const own = deployment({ containers: [{ name: 'b', env: [{ name: 'DB', value: 'mysql://app:hunter2@db/app' }] }] })
    const [change] = changesOf([own], [changed(dropOverriddenVariables, own, { env: [{ name: 'DB', value: '' }] })])
    expect(change?.before).toContain('mysql://***@db/app')
  })

  it.each([
    ['other names', [{ name: 'WESTAGE_THEIRS', value: 'a' }]],
    ['a name in other letters', [{ name: 'westage_url', value: 'a' }]],
    ['none', null],
  ])('is not looked for in %s', (_, own) => {
    const manifest = deployment({ containers: [{ name: 'b', env: own, envFrom: [{ configMapRef: { name: 'c' } }] }] })
    expect(changed(dropOverriddenVariables, manifest, { env })).toBe(manifest)
  })
})
