import { expect, it } from 'vitest'
import { withoutSecrets } from '../../src/manifests/without-secrets.ts'

const NOTHING = new Map<string, string>()
const hidden = (text: string) => withoutSecrets(NOTHING, new Map([['manifests/a.yaml', text]])).hidden

it.each([
  ['as it is usually written', 'apiVersion: v1\nkind: Secret\nstringData: { password: hunter2 }\n'],
  ['in JSON', '{"kind" : "Secret", "stringData": {"password": "hunter2"}}'],
  ['behind an escape', 'kind: "\\x53ecret"\nstringData: { password: hunter2 }\n'],
  ['in a list', 'kind: List\nitems:\n- { stringData: { password: hunter2 }, kind: Secret }\n'],
  ['behind a tag', 'kind: !!str Secret\nstringData: { password: hunter2 }\n'],
  ['in the second document', 'kind: ConfigMap\n---\nkind: Secret\nstringData: { password: hunter2 }\n'],
  ['in what is no YAML', '? kind\n: Secret\nstringData: { password: hunter2\n'],
])('leaves out a Secret %s', (_, text) => {
  expect(hidden(text)).toEqual(['manifests/a.yaml'])
})

it('shows what only mentions one', () => {
  const text = 'kind: Deployment\nspec: { secretName: db }\n'
  expect(withoutSecrets(NOTHING, new Map([['a.yaml', text]]))).toEqual({
    before: NOTHING,
    after: new Map([['a.yaml', text]]),
    hidden: [],
  })
})

it('leaves out a file that held a Secret before it was edited, and names none that is the same', () => {
  const secret = 'kind: Secret\nstringData: { password: hunter2 }\n'
  const before = new Map([
    ['a.yaml', secret],
    ['b.yaml', secret],
  ])
  const after = new Map([
    ['a.yaml', 'kind: ConfigMap\ndata: { password: hunter2 }\n'],
    ['b.yaml', secret],
  ])
  expect(withoutSecrets(before, after)).toEqual({ before: NOTHING, after: NOTHING, hidden: ['a.yaml'] })
})
