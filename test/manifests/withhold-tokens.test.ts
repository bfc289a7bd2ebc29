import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/manifests/json.ts'
import { podSpecsOf } from '../../src/manifests/pod-templates.ts'
import { withholdTokens } from '../../src/manifests/withhold-tokens.ts'
import { deployment, only } from './only.ts'
import { targetOf } from './sample.ts'

const account = (name: string, automountServiceAccountToken: boolean) =>
  only('v1', 'ServiceAccount', { metadata: { name }, automountServiceAccountToken })
const accounts = [account('asking', true), account('refusing', false)]
const tokenOf = (spec: JsonObject) =>
  withholdTokens([deployment(spec), ...accounts], targetOf())
    .flatMap((manifest) => podSpecsOf(manifest))
    .map((pod) => pod.automountServiceAccountToken)

describe('a pod', () => {
  it.each<[JsonObject]>([
    [{}],
    [{ automountServiceAccountToken: null }],
    [{ serviceAccountName: 'elsewhere' }],
    [{ serviceAccountName: 'refusing' }],
  ])('that asks for no token gets none: %j', (spec) => {
    expect(tokenOf(spec)).toEqual([false])
  })

  it.each<[JsonObject, unknown]>([
    [{ automountServiceAccountToken: true }, true],
    [{ automountServiceAccountToken: false, serviceAccountName: 'asking' }, false],
    [{ serviceAccountName: 'asking' }, undefined],
    [{ serviceAccount: 'asking' }, undefined],
  ])('that asks, or whose account does, is left alone: %j', (spec, token) => {
    expect(tokenOf(spec)).toEqual([token])
  })
})
