import { describe, expect, it } from 'vitest'
import { additionsOf, catalogue, promisedBy, refuseForbidden, type Wanted } from '../../src/addons/catalogue.ts'
import { isObject, type Json, listOf, objectOf, textOf } from '../../src/manifests/json.ts'
import { type Manifest, objectName } from '../../src/manifests/manifest.ts'
import { containersOf, podSpecsOf } from '../../src/manifests/pod-templates.ts'
import { printYaml } from '../../src/manifests/print-yaml.ts'
import { waveOf } from '../../src/manifests/sync-wave.ts'
import type { EnvVar } from '../../src/manifests/target.ts'
import { readYaml } from '../../src/manifests/yaml.ts'
import { readByKubectl, skipReason } from '../manifests/kubectl.ts'
import { faultOf } from './fault-of.ts'
import { FULL, generated, instanceOf } from './sample.ts'

const names = catalogue.map(({ name }) => name)
const streamOf = (manifests: readonly Json[]): string => manifests.map(printYaml).join('---\n')
const referredTo = ({ valueFrom }: EnvVar) => objectOf(objectOf(valueFrom).secretKeyRef)
const envIn = (env: Json | undefined): readonly EnvVar[] =>
  listOf(env).flatMap((variable) => (isObject(variable) ? [{ ...variable, name: textOf(variable.name) }] : []))

describe.each(names)('the add-on %s', (name) => {
  const wanted: Wanted = { [name]: FULL[name] ?? {} }
  const manifests = additionsOf(wanted, instanceOf())
  const { env } = promisedBy(wanted)

  it('makes the objects that were agreed on', async () => {
    const text = `${streamOf(manifests)}---\n# variables\n${printYaml(env)}`
    await expect(text).toMatchFileSnapshot(`golden/${name}.golden.yaml`)
  })

  it('makes the same but for passwords where these are generated in the cluster', () => {
    const others = (made: readonly Manifest[]) =>
      JSON.stringify(made.filter(({ kind }) => !['Secret', 'ExternalSecret', 'Password'].includes(kind))).replaceAll(
        /"westage.dev\/config":"[0-9a-f]*"/g,
        '',
      )
    expect(others(additionsOf(wanted, generated))).toBe(others(manifests))
  })

  it.skipIf(skipReason !== '')(`is read by kubectl as it was meant${skipReason}`, () => {
    const unlabelled = (manifest: Json) => {
      const { labels, ...metadata } = objectOf(objectOf(manifest).metadata)
      const { by: _, ...own } = objectOf(labels)
      return { ...objectOf(manifest), metadata: { ...metadata, labels: own } }
    }
    for (const meant of [manifests, additionsOf(wanted, generated)]) {
      expect(readByKubectl(streamOf(meant)).map(unlabelled)).toEqual(meant.map(unlabelled))
    }
  })

  it('works with no settings at all', () => {
    expect(promisedBy({ [name]: {} }).env.length).toBeGreaterThan(0)
    expect(additionsOf({ [name]: {} }, instanceOf()).map(objectName)).toContain(`Deployment/${name}`)
  })

  it('is in the preview’s namespace and in the wave that was asked for', () => {
    for (const manifest of [...manifests, ...additionsOf(wanted, generated)]) {
      expect(manifest.metadata.namespace).toBe('westage-shop-feat-cart')
      expect(waveOf(manifest)).toBe(-50)
    }
  })

  it('runs the image of the instance where that has its own, and one by digest otherwise', () => {
    const imagesWith = (images: Readonly<Record<string, string>>) =>
      additionsOf(wanted, instanceOf({ images })).flatMap((manifest) =>
        containersOf(manifest).map(({ image }) => image),
      )
    for (const image of imagesWith({})) expect(image).toMatch(/^[a-z0-9./-]+@sha256:[0-9a-f]{64}$/)
    expect(new Set(imagesWith({ [name]: 'mirror.test/it:1' }))).toEqual(new Set(['mirror.test/it:1']))
  })

  it('has no password in what is not a Secret, however passwords come about', () => {
    const secrets = manifests.filter(({ kind }) => kind === 'Secret')
    const passwords = secrets.flatMap(({ stringData }) => Object.values(objectOf(stringData)).map(textOf))
    const rest = JSON.stringify([manifests.filter(({ kind }) => kind !== 'Secret'), env])
    for (const password of passwords) {
      expect(password).toMatch(/^[A-Za-z0-9]{24,}$/)
      expect(rest).not.toContain(password)
    }
    expect(additionsOf(wanted, generated).map(({ kind }) => kind)).not.toContain('Secret')
  })

  it('has, of passwords, exactly those that variables refer to, in both modes', () => {
    const variables = [
      ...env,
      ...manifests.flatMap((manifest) => containersOf(manifest)).flatMap((one) => envIn(one.env)),
    ]
    const referred = variables.map(referredTo).filter((reference) => reference.name !== undefined)
    const wantedKeys = new Set(referred.map((reference) => `${reference.name} ${reference.key}`))
    const keys = manifests.flatMap((manifest) =>
      manifest.kind === 'Secret'
        ? Object.keys(objectOf(manifest.stringData)).map((key) => `${manifest.metadata.name} ${key}`)
        : [],
    )
    // External Secrets: the key of what the Password generator makes is `password`.
    const generatedKeys = additionsOf(wanted, generated).flatMap((manifest) =>
      manifest.kind === 'ExternalSecret' ? [`${textOf(objectOf(objectOf(manifest.spec).target).name)} password`] : [],
    )
    expect(new Set(keys)).toEqual(wantedKeys)
    expect(new Set(generatedKeys)).toEqual(wantedKeys)
  })

  it('gives variables that Kubernetes takes, and refers only to those above', () => {
    const above = new Set<string>()
    for (const variable of env) {
      // A C identifier is what Kubernetes, every shell and every runtime take.
      expect(variable.name).toMatch(/^[A-Z][A-Z0-9_]*$/)
      expect(above).not.toContain(variable.name)
      for (const [, referred] of textOf(variable.value).matchAll(/\$\(([^)]*)\)/g)) expect(above).toContain(referred)
      above.add(variable.name)
    }
  })

  it('passes the level `restricted` of the Pod Security Standards', () => {
    for (const spec of manifests.flatMap((manifest) => podSpecsOf(manifest))) {
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
      expect(objectOf(spec.securityContext).runAsUser).toBeGreaterThan(0)
    }
    for (const container of manifests.flatMap((manifest) => containersOf(manifest))) {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      })
    }
  })

  it('is the same, byte by byte, when it is rendered again', () => {
    expect(streamOf(additionsOf(wanted, instanceOf()))).toBe(streamOf(manifests))
    expect(readYaml(streamOf(manifests))).toEqual(manifests)
  })

  it('has a Service whose ports lead to the pod’s', () => {
    const service = manifests.find(({ kind }) => kind === 'Service')
    const container = manifests.flatMap((manifest) => containersOf(manifest)).at(-1)
    const opened = listOf(container?.ports).map((port) => objectOf(port).name)
    const targets = listOf(objectOf(service?.spec).ports).map((port) => objectOf(port).targetPort)
    expect(service?.metadata.name).toBe(name)
    expect(targets).toEqual(opened)
  })

  it('is waited for where its settings say so, at its own Service', () => {
    expect(promisedBy({ [name]: {} }).waitFor).toEqual([])
    expect(promisedBy({ [name]: { wait: true } }).waitFor.map(({ host }) => host)).toEqual([name])
  })

  it('has no settings but its own', () => {
    expect(faultOf(() => promisedBy({ [name]: { nosuch: 1 } }))).toMatch(new RegExp(`^addons\\.${name}: .*nosuch`))
  })
})

describe('the catalogue', () => {
  it('has External Secrets make a password of letters and digits once, where they are generated in the cluster', async () => {
    const secrets = additionsOf({ redis: {} }, generated).filter(({ kind }) =>
      ['ExternalSecret', 'Password'].includes(kind),
    )
    await expect(streamOf(secrets)).toMatchFileSnapshot('golden/generated-password.golden.yaml')
  })

  it('refuses what it does not have, and names every wrong setting at once', () => {
    expect(faultOf(() => promisedBy({ oracle: {} }))).toContain('oracle')
    const faults = faultOf(() => promisedBy({ mysql: { database: 'a b' }, redis: { wait: 'yes' } }))
    expect(faults).toContain('addons.mysql.database')
    expect(faults).toContain('addons.redis.wait')
  })

  it('has all of its add-ons side by side without one in the other’s way', () => {
    const objects = additionsOf(FULL, instanceOf()).map(objectName)
    expect(new Set(objects).size).toBe(objects.length)
    const variables = promisedBy(FULL).env.map(({ name }) => name)
    expect(new Set(variables).size).toBe(variables.length)
  })

  it('makes nothing where nothing is wanted', () => {
    expect(additionsOf({}, instanceOf())).toEqual([])
    expect(promisedBy({})).toEqual({ env: [], waitFor: [], seedFiles: [], seedJobs: [] })
  })

  it('starts a pod anew when its password is another one', () => {
    const digestsFor = (password: string) =>
      additionsOf({ redis: {} }, instanceOf({ passwordOf: () => password }))
        .map(({ spec }) => objectOf(objectOf(objectOf(objectOf(spec).template).metadata).annotations))
        .flatMap((annotations) => Object.values(annotations))
    expect(digestsFor('a'.repeat(32))).toHaveLength(1)
    expect(digestsFor('a'.repeat(32))).not.toEqual(digestsFor('b'.repeat(32)))
  })

  it('lets authors ask for what the instance allows, and says who may change that', () => {
    expect(faultOf(() => refuseForbidden({ redis: {} }, ['redis', 'mysql']))).toBe('')
    expect(faultOf(() => refuseForbidden({ sqs: {}, redis: {} }, ['redis']))).toMatch(
      /sqs .*redis may.*addons\.allowed/,
    )
    expect(faultOf(() => refuseForbidden({ sqs: {} }, []))).toContain('nothing may')
  })
})
