import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject, type Json } from '../../src/manifests/json.ts'
import { printYaml } from '../../src/manifests/print-yaml.ts'
import { readYaml } from '../../src/manifests/yaml.ts'
import { skipReason as noKubectl, readByKubectl } from '../manifests/kubectl.ts'
import { documents } from './documents.ts'
import { fuzzYaml } from './fuzz-yaml.ts'
import { mutate } from './mutate.ts'
import { passes } from './passes.ts'
import { randomOf } from './random.ts'
import { skipReason, startYamlReader, type YamlReader } from './yaml-reader.ts'

const BUILD_TIMEOUT_MS = 10 * 60_000

describe.skipIf(skipReason)(`kubectl's reader, built by Go${skipReason}`, () => {
  let reader: YamlReader
  beforeAll(async () => {
    reader = await startYamlReader(console.error, AbortSignal.timeout(BUILD_TIMEOUT_MS))
  }, BUILD_TIMEOUT_MS)
  afterAll(() => reader?.close())

  it('takes a claim that is true, and no other', async () => {
    expect(await reader.ask('a: [yes, 9007199254740993]', [{ a: [true, 9007199254740993n] }])).toEqual({ same: true })
    expect(await reader.ask('a: 9007199254740993', [{ a: 9007199254740992 }])).toEqual({
      same: false,
      objects: [{ a: expect.anything() }],
    })
    expect(await reader.ask('a: "1"', [{ a: 1 }])).toEqual({ same: false, objects: [{ a: '1' }] })
    expect(await reader.ask('a: 1\n---\nb: 2', [{ a: 1 }])).toEqual({ same: false, objects: [{ a: 1 }, { b: 2 }] })
    expect(await reader.ask('a: [', [])).toEqual({ same: false, error: expect.stringContaining('yaml') })
  })

  it.skipIf(noKubectl)(`reads as kubectl does${noKubectl}`, async () => {
    const from = documents()
    const values = Array.from({ length: 2000 }, (_, seed) => {
      const random = randomOf(seed)
      return mutate(random.oneOf(from), random.oneOf(from), random)
    }).flatMap(valuesIn)
    const objects = values.map((x, at) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `n${at}` }, x }))
    expect(objects.length).toBeGreaterThan(500)
    const yaml = objects.map(printYaml).join('---\n')
    const readBack = readByKubectl(yaml).map((object) => ({ ...(isObject(object) ? object : {}), metadata: null }))
    const withoutLabels = yaml.replaceAll(/^metadata:\n {2}name: n[0-9]+$/gm, 'metadata: null')
    expect(await reader.ask(withoutLabels, readBack)).toEqual({ same: true })
  })

  it('reads what WeStage takes, and what it writes, as WeStage does, whatever is done to YAML', async () => {
    const { counts, broken } = await fuzzYaml(20_000, 1, passes, reader)
    expect(broken).toEqual([])
    expect(counts.same).toBeGreaterThan(5000)
  }, 300_000)
})

function valuesIn(text: string): readonly Json[] {
  try {
    return readYaml(text)
  } catch {
    return []
  }
}
