import type { Addresses } from './addresses.ts'
import { exampleOf, partOf, rewritten } from './examples.ts'
import type { JsonObject } from './json.ts'
import type { Account } from './repository.ts'

const EXAMPLE = partOf(exampleOf('pull_request', 'labeled'), 'sender')
const ORGANIZATION = partOf(exampleOf('pull_request', 'labeled'), 'organization')

/** GitHub: REST, a simple user. */
export const accountView = ({ id, login, type }: Account, { api, site }: Addresses): JsonObject => ({
  ...rewritten(EXAMPLE, {
    'https://api.github.com': api,
    'https://github.com': site,
    'https://avatars1.githubusercontent.com': `${site}/avatars`,
    Codertocat: encodeURIComponent(login),
    '21031067': String(id),
  }),
  login,
  id,
  node_id: nodeIdOf('User', id),
  type: login.endsWith('[bot]') ? 'Bot' : type,
})

/** The `organization` of a webhook payload. */
export const organizationView = ({ id, login }: Account, { api, site }: Addresses): JsonObject => ({
  ...rewritten(ORGANIZATION, {
    'https://api.github.com': api,
    'https://avatars1.githubusercontent.com': `${site}/avatars`,
    Octocoders: login,
    '38302899': String(id),
  }),
  id,
  node_id: nodeIdOf('Organization', id),
})

/** GitHub's global node ids are opaque; these are unique per type and id. */
export const nodeIdOf = (type: string, id: number): string =>
  Buffer.from(`0${type.length}:${type}${id}`).toString('base64')
