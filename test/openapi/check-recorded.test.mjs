import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const CHECK = fileURLToPath(new URL('check-recorded.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'check-recorded-'))
after(() => rmSync(folder, { recursive: true }))

const RATE = { limit: 5000, used: 0, remaining: 5000, reset: 1 }
const asked = {
  method: 'GET',
  path: '/rate_limit',
  query: {},
  requestBody: '',
  status: 200,
  headers: {},
  responseBody: JSON.stringify({ resources: { core: RATE, search: RATE }, rate: RATE }),
}
const TOKENS = { ...asked, method: 'POST', path: '/app/installations/1/access_tokens', status: 201 }
const TOKEN = JSON.stringify({ token: 'ghs_x', expires_at: '2026-01-01T00:00:00Z' })

function check(...records) {
  const file = join(folder, 'record.jsonl')
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  const { status, stdout } = spawnSync(process.execPath, [CHECK, file], { encoding: 'utf8' })
  return { status, lines: stdout.trimEnd().split('\n') }
}

test('passes an exchange that is as described', () => {
  const { status, lines } = check(asked)
  assert.deepEqual([status, lines.at(-1)], [0, '1 exchanges checked, 0 faults'])
})

const MUTATION = {
  ...asked,
  method: 'POST',
  path: '/graphql',
  requestBody: JSON.stringify({
    query: 'mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }',
    variables: {
      input: { branch: { id: 'x' }, expectedHeadOid: 'a'.repeat(40), message: { headline: 'one' }, fileChanges: {} },
    },
  }),
  responseBody: JSON.stringify({ data: { createCommitOnBranch: { commit: { oid: 'b'.repeat(40) } } } }),
}

test('passes a query and an answer of GraphQL that are as its schema has them, and a refusal', () => {
  const refused = { ...MUTATION, requestBody: '{}', responseBody: JSON.stringify({ errors: [{ message: 'no' }] }) }
  assert.equal(check(MUTATION, refused).status, 0)
})

test('fails where nothing was recorded', () => {
  const { status, lines } = check()
  assert.deepEqual([status, lines.at(-1)], [1, '0 exchanges checked, 0 faults'])
})

for (const [what, record, said] of [
  ['a path that GitHub does not have', { ...asked, path: '/rate_limits' }, 'GitHub has no such path and method'],
  ['a parameter that is not described', { ...asked, query: { of: 'x' } }, 'query: no parameter of'],
  [
    'a parameter of the wrong type',
    { ...asked, path: '/app/installations', query: { per_page: 'many' }, responseBody: '[]' },
    'query per_page: / must be integer',
  ],
  ['a status that is not described', { ...asked, status: 201 }, 'status 201 is not described'],
  [
    'an answer without a required key',
    { ...asked, responseBody: '{"rate":{}}' },
    "must have required property 'resources'",
  ],
  [
    'an answer with a key that is not described',
    { ...asked, responseBody: JSON.stringify({ ...JSON.parse(asked.responseBody), extra: 1 }) },
    '/extra is not described',
  ],
  [
    'a request with a key that is not described',
    { ...TOKENS, requestBody: '{"repository":["a"]}', responseBody: TOKEN },
    'request: /repository is not described',
  ],
  [
    'a request with a value of the wrong type',
    { ...TOKENS, requestBody: '{"repositories":"a"}', responseBody: TOKEN },
    'request: /repositories must be array',
  ],
  [
    'a variable of GraphQL that is not in its schema',
    { ...MUTATION, requestBody: MUTATION.requestBody.replace('headline', 'subject') },
    'Field "subject" is not defined by type "CommitMessage"',
  ],
  [
    'a field of GraphQL that is not in its schema',
    { ...MUTATION, requestBody: MUTATION.requestBody.replace('oid } }', 'id oids } }') },
    'Cannot query field "oids"',
  ],
  [
    'an answer of GraphQL without a field that was asked for',
    { ...MUTATION, responseBody: JSON.stringify({ data: { createCommitOnBranch: { commit: {} } } }) },
    'Cannot return null for non-nullable field Commit.oid',
  ],
  ['a body where none belongs', { ...asked, requestBody: '{}' }, 'request: no body is described'],
  [
    'an event that GitHub does not send',
    { webhook: 'pull_request', payload: { action: 'sneezed' } },
    'no such event and action',
  ],
  [
    'a payload without a required key',
    { webhook: 'pull_request', payload: { action: 'opened' } },
    "required property 'number'",
  ],
])
  test(`finds ${what}`, () => {
    const { status, lines } = check(asked, record)
    assert.equal(status, 1)
    assert.ok(
      lines.some((line) => line.includes(said)),
      lines.join('\n'),
    )
  })
