/** Manifests of real projects under `standard`: what is to become of each stands in corpus-expectations.ts. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Terminal } from '../../src/domain/errors.ts'
import { bundleOf } from '../../src/manifests/bundle.ts'
import { groupKindOf, type Manifest } from '../../src/manifests/manifest.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { findingsOf, type PolicySettings } from '../../src/policy/policy.ts'
import { kustomized, skipReason } from '../manifests/kubectl.ts'
import { targetOf, wholeOf } from '../manifests/sample.ts'
import { EXPECTED } from './corpus-expectations.ts'

const corpus = resolve(process.env.WESTAGE_CORPUS ?? '../shared/corpus')
const reason =
  skipReason || (existsSync(join(corpus, 'entries.txt')) ? '' : ' (skipped: no corpus, set WESTAGE_CORPUS)')

const STANDARD: PolicySettings = {
  profile: 'standard',
  kinds: { allow: [], deny: [] },
  ingressAnnotations: [],
  exemptions: [],
}
const TARGET = targetOf()

/** What a transform refuses, by its words: each with the objects that it names. */
const BY_TRANSFORMS: readonly (readonly [rule: string, words: RegExp])[] = [
  ['cluster-scoped', /cluster-scoped: (.+?)\. Leave/],
  ['two namespaces', /^(\S+) is there twice, in /],
  ['wildcard', /^(\S+): \S+: \S+ is a wildcard/],
  ['nothing left', /^nothing is left to preview()/],
]

/** A file for what passes, a line of JSON for each object: test/schemas checks it. */
const RECORD_TO = process.env.CORPUS_RECORD_TO

function record(folder: string, yaml: string): void {
  if (RECORD_TO === undefined) return
  const { files } = wholeOf(parseManifests(yaml), TARGET)
  for (const manifest of files.values()) appendFileSync(RECORD_TO, `${JSON.stringify({ folder, manifest })}\n`)
}

function refusalsOf(yaml: string): readonly string[] {
  let manifests: readonly Manifest[]
  try {
    manifests = bundleOf(parseManifests(yaml), TARGET).manifests
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    const { message } = error
    const [rule, words] = BY_TRANSFORMS.find(([, pattern]) => pattern.test(message)) ?? [message, /$()/]
    return (words.exec(message)?.[1] ?? '').split(', ').map((object) => `${rule} ${object}`.trim())
  }
  const { app, namespace, podTemplates } = TARGET
  const own = manifests.filter((manifest) => groupKindOf(manifest) !== 'Namespace')
  const { refused } = findingsOf(own, { app, namespace, settings: STANDARD, podTemplates, beside: [] })
  return [...new Set(refused.map(({ rule, object }) => `${rule} ${object}`))]
}

describe(`manifests of real projects under the profile standard${reason}`, () => {
  it.skipIf(reason)('are all reasoned about', () => {
    const folders = readFileSync(join(corpus, 'entries.txt'), 'utf8').split('\n').filter(Boolean)
    expect(Object.keys(EXPECTED).toSorted()).toEqual(folders.toSorted())
  })

  const passing = Object.keys(EXPECTED).filter((folder) => EXPECTED[folder]?.length === 0)
  it.skipIf(reason).concurrent.each(passing)('pass: %s', { timeout: 60_000 }, async (folder) => {
    const yaml = await kustomized(join(corpus, folder))
    expect(refusalsOf(yaml)).toEqual([])
    record(folder, yaml)
  })

  const refused = Object.entries(EXPECTED).filter(([, refusals]) => refusals.length > 0)
  it.skipIf(reason).concurrent.each(refused)(
    'are refused by the right rules: %s',
    { timeout: 60_000 },
    async (folder, refusals) => {
      expect(refusalsOf(await kustomized(join(corpus, folder))).toSorted()).toEqual(refusals.toSorted())
    },
  )
})
