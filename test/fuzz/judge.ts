/** What must hold for any text: WeStage refuses it in its own words, or reads it and what it writes as kubectl does. */
import { Terminal } from '../../src/domain/errors.ts'
import { type Json, jsonTextOf } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { printYaml } from '../../src/manifests/print-yaml.ts'
import { readYaml } from '../../src/manifests/yaml.ts'
import { NotJson, NotYaml } from '../../src/manifests/yaml-faults.ts'
import type { YamlReader } from './yaml-reader.ts'

/** What became of a text; `broken` says which promise was. */
export type Verdict =
  | { readonly kind: 'refused' | 'same' | 'refused by kubectl' }
  | { readonly kind: 'broken'; readonly how: string }

/** Whether manifests get past what is checked after they were read. */
export type Passes = (manifests: readonly Manifest[]) => boolean

/** Reads a text, and asks kubectl's reader about it and about what is printed of it. */
export async function judge(text: string, passes: Passes, reader: YamlReader): Promise<Verdict> {
  const read = reading(text)
  if (!Array.isArray(read)) return read
  const manifests = manifestsIn(text, passes)
  if (!Array.isArray(manifests)) return manifests

  const values = read.filter((value) => value !== null)
  const original = reader.ask(text, values)
  // What is no manifest, or is refused, is printed too: the same may stand inside of what passes.
  const printed = (manifests.length > 0 ? manifests : values).map(async (value: Json) => {
    const yaml = printYaml(value)
    return { yaml, value, own: ownReading(yaml, value), answer: await reader.ask(yaml, [value]) }
  })

  const first = await original
  for (const { yaml, value, own, answer } of await Promise.all(printed)) {
    if (!own) return broken(`what is printed of ${jsonTextOf(value)} is read back otherwise: ${yaml}`)
    if (!answer.same) {
      const what = answer.error ?? JSON.stringify(answer.objects)
      return broken(`what is printed is to kubectl ${what}, not ${jsonTextOf(value)}: ${yaml}`)
    }
  }
  if (first.same) return { kind: 'same' }
  if (first.error !== undefined) return { kind: 'refused by kubectl' }
  return broken(`the text is to kubectl ${JSON.stringify(first.objects)}, not ${jsonTextOf(values)}`)
}

const broken = (how: string): Verdict => ({ kind: 'broken', how })

function reading(text: string): Json[] | Verdict {
  try {
    return [...readYaml(text)]
  } catch (error) {
    return error instanceof NotYaml || error instanceof NotJson
      ? { kind: 'refused' }
      : broken(`reading crashes: ${error}`)
  }
}

/** None where they are refused: the text may be YAML all the same. */
function manifestsIn(text: string, passes: Passes): Manifest[] | Verdict {
  if (!text.includes('kind')) return []
  try {
    const manifests = [...parseManifests(text)]
    return passes(manifests) ? manifests : []
  } catch (error) {
    return error instanceof Terminal ? [] : broken(`manifests crash: ${error}`)
  }
}

function ownReading(yaml: string, value: Json): boolean {
  try {
    return jsonTextOf(readYaml(yaml)) === jsonTextOf([value])
  } catch {
    return false
  }
}
