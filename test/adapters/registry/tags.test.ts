import { describe, expect, it } from 'vitest'
import { repositoryApi } from '../../../src/adapters/registry/api.ts'
import { listTags } from '../../../src/adapters/registry/tags.ts'
import { answering } from '../../servers/answering.ts'
import { pushImage } from '../../servers/push-image.ts'
import { findRegistry, requireRegistry } from '../../servers/registry.ts'

const never = new AbortController().signal
const isSkipped = (await findRegistry()) === null && process.env.CI !== 'true'
const tagsOf = (host: string, repository = 'team/app', pageTags?: number) =>
  listTags(repositoryApi({ registry: host, repository }, { plainHttp: true, credentials: null }), never, pageTags)

describe.skipIf(isSkipped)(`docker-registry${isSkipped ? ' (skipped: it is not installed)' : ''}`, () => {
  it('gives all of its tags over several pages, and none of what is not there', async () => {
    const registry = await requireRegistry()
    const names = Array.from({ length: 23 }, (_, nth) => `v${nth}`)
    const url = `http://${registry.host}`
    await pushImage(url, 'team/app', 'v0', {}, {})
    const manifests = `${url}/v2/team/app/manifests`
    const type = 'application/vnd.oci.image.manifest.v1+json'
    const body = await (await fetch(`${manifests}/v0`, { headers: { accept: type } })).text()
    for (const name of names.slice(1)) {
      await (
        await fetch(`${manifests}/${name}`, { method: 'PUT', body, headers: { 'content-type': type } })
      ).arrayBuffer()
    }
    expect((await tagsOf(registry.host, 'team/app', 5)).toSorted()).toEqual(names.toSorted())
    expect(await tagsOf(registry.host, 'team/other')).toEqual([])
    await registry.close()
  })
})

it('follows a link whether it is relative or not, and never to another host', async () => {
  const host = await answering((request, response) => {
    const last = new URL(request.url ?? '', 'http://x').searchParams.get('last')
    const link = { none: '</v2/team/app/tags/list?last=a&n=1>; rel="next"', a: '<http://elsewhere/?last=b>; rel=next' }
    const next = last === null ? link.none : last === 'a' ? link.a : ''
    response.setHeader('link', next)
    response.end(JSON.stringify({ name: 'team/app', tags: [last === null ? 'a' : last === 'a' ? 'b' : 'c'] }))
  })
  expect(await tagsOf(host)).toEqual(['a', 'b', 'c'])
})

it('has no tags where the registry has emptied the repository', async () => {
  expect(await tagsOf(await answering((_, response) => response.end('{"name":"team/app","tags":null}')))).toEqual([])
})

it.each([
  ['answers 500 to the second page', 500, ''],
  ['loses the second page', 404, ''],
  ['answers with something else', 200, '<html>'],
])('takes no part of the tags for all, where a registry %s', async (_, status, text) => {
  const host = await answering((request, response) => {
    if (request.url?.includes('last=') === true) {
      response.writeHead(status).end(text)
      return
    }
    response.setHeader('link', '</v2/team/app/tags/list?last=a>; rel="next"')
    response.end('{"tags":["a"]}')
  })
  await expect(tagsOf(host)).rejects.toThrow(/the registry 127\.0\.0\.1:[0-9]+ answered/)
})

it('leaves a registry that leads round in circles', async () => {
  const host = await answering((_, response) => {
    response.setHeader('link', '</v2/team/app/tags/list?last=a>; rel="next"')
    response.end('{"tags":["a"]}')
  })
  await expect(tagsOf(host)).rejects.toThrow('has no end of tags')
}, 20_000)
