import { expect, it } from 'vitest'
import { parseManifests } from '../../src/manifests/parse.ts'
import { passes } from './passes.ts'

const pod = (spec: string) =>
  parseManifests(
    `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {automountServiceAccountToken: false, ${spec}}`,
  )

it('the fuzzer knows what the policy lets pass, integers past 2^53 and all', () => {
  expect(passes(pod('containers: [{name: web, image: x}]'))).toBe(true)
  expect(passes(pod('hostNetwork: true, containers: [{name: web, image: x}]'))).toBe(false)
  expect(passes(pod('containers: [{name: web, image: x, ports: [{hostPort: 9007199254740993}]}]'))).toBe(false)
  expect(passes(pod('hostNetwork: 9007199254740993, containers: [{name: web, image: x}]'))).toBe(false)
})
