import { describe, expect, it } from 'vitest'
import type { Credentials } from '../../../src/adapters/registry/access.ts'
import { repositoryApi } from '../../../src/adapters/registry/api.ts'
import { listRepositories } from '../../../src/adapters/registry/catalog.ts'
import { answering } from '../../servers/answering.ts'
import { pushImage } from '../../servers/push-image.ts'
import { findRegistry, REGISTRY_PASSWORD, REGISTRY_USER, requireRegistry } from '../../servers/registry.ts'
import { pushHeaders } from '../../servers/registry-sign-in.ts'

const never = new AbortController().signal
const isSkipped = (await findRegistry()) === null && process.env.CI !== 'true'
const repositoriesOf = (host: string, credentials: Credentials | null = null, page?: number) =>
  listRepositories(repositoryApi({ registry: host, repository: 'any' }, { plainHttp: true, credentials }), never, page)

describe.skipIf(isSkipped)(`docker-registry${isSkipped ? ' (skipped: it is not installed)' : ''}`, () => {
  it('gives all of its repositories over several pages', async () => {
    const registry = await requireRegistry()
    expect(await repositoriesOf(registry.host)).toEqual([])
    const names = ['team/a', 'team/b', 'team/c/d']
    for (const name of names) await pushImage(`http://${registry.host}`, name, 'v1')
    expect(await repositoriesOf(registry.host, null, 2)).toEqual(names)
    await registry.close()
  })

  it('gives them to who may see them', async () => {
    const registry = await requireRegistry({ auth: 'basic' })
    await pushImage(`http://${registry.host}`, 'team/a', 'v1', await pushHeaders(registry.host, 'team/a'))
    const credentials = { kind: 'password' as const, username: REGISTRY_USER, password: REGISTRY_PASSWORD }
    expect(await repositoriesOf(registry.host, credentials)).toEqual(['team/a'])
    await expect(repositoriesOf(registry.host)).rejects.toThrow('does not let WeStage read')
    await registry.close()
  })
})

it.each([
  ['does not know the question', 404, '', 'answered 404 when asked for repositories'],
  ['answers with something else', 200, '<html>', 'answered with no list of repositories'],
])('is not taken for empty, where it %s', async (_, status, text, words) => {
  const host = await answering((_request, response) => response.writeHead(status).end(text))
  await expect(repositoriesOf(host)).rejects.toThrow(words)
})
