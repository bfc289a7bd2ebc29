import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Terminal } from '../../src/domain/errors.ts'
import { bundleOf } from '../../src/manifests/bundle.ts'
import { refuseForeignHosts } from '../../src/manifests/hosts/refuse-foreign-hosts.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { printManifest } from '../../src/manifests/print.ts'
import type { Target } from '../../src/manifests/target.ts'
import { kustomized, skipReason } from './kubectl.ts'
import { BUILT, targetOf } from './sample.ts'

const corpus = resolve(process.env.WESTAGE_CORPUS ?? '../shared/corpus')
const reason =
  skipReason || (existsSync(join(corpus, 'entries.txt')) ? '' : ' (skipped: no corpus, set WESTAGE_CORPUS)')

/** Which rule a refusal came from, by its words. */
const RULES: readonly (readonly [string, RegExp])[] = [
  ['cluster-scoped', /cluster-scoped/],
  ['one name in two namespaces', /is there twice/],
  ['wildcard host', /is a wildcard/],
  ['nothing left', /nothing is left/],
  ['which image', /can't tell which image/],
]

function outcomeOf(yaml: string, target: Target): string {
  try {
    const { manifests } = bundleOf(parseManifests(yaml), target)
    refuseForeignHosts(manifests, target)
    for (const manifest of manifests.values()) expect(parseManifests(printManifest(manifest))).toEqual([manifest])
    return 'transformed'
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    return RULES.find(([, words]) => words.test(error.message))?.[0] ?? error.message
  }
}

const countsOf = (outcomes: readonly string[]) =>
  Object.fromEntries(
    [...new Set(outcomes)].sort().map((one) => [one, outcomes.filter((other) => other === one).length]),
  )

async function renderAll(): Promise<readonly string[]> {
  const folders = readFileSync(join(corpus, 'entries.txt'), 'utf8').split('\n').filter(Boolean)
  const outputs: string[] = []
  let next = 0
  const work = async () => {
    for (let at = next++; at < folders.length; at = next++)
      outputs[at] = await kustomized(join(corpus, folders[at] ?? ''))
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, work))
  return outputs
}

describe(`manifests of real projects${reason}`, () => {
  it.skipIf(reason)(
    'become previews and read back the same, or are refused by a rule',
    { timeout: 120_000 },
    async () => {
      const outputs = await renderAll()
      expect(countsOf(outputs.map((yaml) => outcomeOf(yaml, targetOf())))).toMatchInlineSnapshot(`
        {
          "cluster-scoped": 14,
          "nothing left": 1,
          "one name in two namespaces": 4,
          "transformed": 111,
          "wildcard host": 1,
        }
      `)
      const images = [{ name: null, built: BUILT, replaces: null }]
      expect(countsOf(outputs.map((yaml) => outcomeOf(yaml, targetOf({ images }))))).toMatchInlineSnapshot(`
        {
          "cluster-scoped": 14,
          "nothing left": 1,
          "one name in two namespaces": 4,
          "transformed": 45,
          "which image": 66,
          "wildcard host": 1,
        }
      `)
    },
  )
})
