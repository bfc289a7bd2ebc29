import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchArchive } from '../../../src/adapters/archive/fetch-archive.ts'
import type { ArchiveGrant } from '../../../src/ports.ts'
import { answering } from '../../servers/answering.ts'
import { type Connected, connected, forever, REPO } from './connected.ts'

const OTHER = 'acme/secrets'

describe('the grant of an archive', () => {
  let world: Connected
  let sha = ''
  beforeEach(async () => {
    world = await connected()
    world.github.addRepository(OTHER, { key: 'squeamish' })
    sha = world.github.headOf(REPO, world.key.pull)
  })
  afterEach(() => world.github.close())

  const grant = () => world.connection.archives.grant(world.key.repositoryId, sha, forever)
  const may = (token: string, repository: string, permission: string, level: 'read' | 'write') =>
    world.github.isTokenGranted(token, repository, permission, level)
  const contentOf = async (granted: ArchiveGrant) => gunzipSync(await buffer(await fetchArchive(granted, forever)))
  /** As whoever holds the grant may try it. */
  const statusOf = async ({ token, userAgent }: ArchiveGrant, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, 'user-agent': userAgent, 'content-type': 'application/json' }
    const asked = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
    return (await fetch(`${world.github.apiUrl}${path}`, { ...asked, redirect: 'manual' })).status
  }

  it('is a token that reads the contents of that one repo, and nothing else', async () => {
    const granted = await grant()
    const { token } = granted
    expect(may(token, REPO, 'contents', 'read')).toBe(true)
    expect(may(token, REPO, 'contents', 'write')).toBe(false)
    for (const permission of ['checks', 'deployments', 'pull_requests'])
      expect(may(token, REPO, permission, 'read')).toBe(false)
    expect(may(token, OTHER, 'contents', 'read')).toBe(false)
    const repositories = await fetch(`${world.github.apiUrl}/installation/repositories`, {
      headers: { authorization: `Bearer ${token}`, 'user-agent': granted.userAgent },
    })
    expect(await repositories.json()).toMatchObject({ total_count: 1, repositories: [{ full_name: REPO }] })
  })

  it('is refused to whoever tries more with it', async () => {
    const granted = await grant()
    expect(await statusOf(granted, `/repos/${REPO}/tarball/${sha}`)).toBe(302)
    expect(await statusOf(granted, `/repos/${OTHER}/tarball/main`)).toBe(404)
    expect(await statusOf(granted, `/repos/${REPO}/pulls/${world.key.pull}`)).toBe(403)
    expect(await statusOf(granted, `/repos/${REPO}/check-runs`, { name: 'preview', head_sha: sha })).toBe(403)
    expect(await statusOf(granted, '/app/installations')).toBe(401)
  })

  it('is for a token of its own each time', async () => {
    expect((await grant()).token).not.toBe((await grant()).token)
  })

  it('is for a token that can be revoked, and others stay', async () => {
    const [one, other] = [await grant(), await grant()]
    const { archives } = world.connection
    await archives.revoke(one, forever)
    expect(await statusOf(one, `/repos/${REPO}/tarball/${sha}`)).toBe(401)
    await expect(fetchArchive(one, forever)).rejects.toThrow('did not say where the archive is: 401')
    await archives.revoke(one, forever)
    expect(await statusOf(other, `/repos/${REPO}/tarball/${sha}`)).toBe(302)
    expect((await buffer(await archives.tarball(world.key.repositoryId, sha, forever))).length).toBeGreaterThan(0)
    world.github.fail({ path: /installation\/token$/ }, { kind: 'status', status: 502 })
    await expect(archives.revoke(other, forever)).rejects.toThrow('502')
  })

  it('opens exactly that commit', async () => {
    world.github.push(REPO, world.key.pull, { 'later.txt': 'later' })
    const bytes = await contentOf(await grant())
    expect(bytes.includes('README.md')).toBe(true)
    expect(bytes.includes('later.txt')).toBe(false)
  })

  it('opens the archive of a repo that was renamed', async () => {
    const before = await grant()
    world.github.renameRepository(REPO, 'acme/store')
    expect((await contentOf(before)).includes('README.md')).toBe(true)
    expect((await contentOf(await grant())).includes('README.md')).toBe(true)
  })

  it('shows its token to GitHub’s API alone, wherever that says that the archive is', async () => {
    const asked: (string | undefined)[] = []
    const elsewhere = await answering((request, response) => {
      asked.push(request.headers.authorization)
      response.end('bytes')
    })
    for (const [status, outcome] of [
      [302, 'bytes'],
      [301, 'did not say where the archive is: 301'],
    ] as const) {
      const host = await answering((_, response) => {
        response.writeHead(status, { location: `http://${elsewhere}/` }).end()
      })
      const granted = { ...(await grant()), url: `http://${host}/repos/${REPO}/tarball/${sha}` }
      const got = await fetchArchive(granted, forever)
        .then(buffer)
        .catch((error: unknown) => error)
      expect(String(got)).toContain(outcome)
    }
    expect(asked).toEqual([undefined])
  })

  it('fails where the App may not read contents there, and where GitHub fails', async () => {
    world.github.setPermissions('acme', { contents: 'read' })
    expect(may((await grant()).token, REPO, 'contents', 'read')).toBe(true)
    world.github.fail({ path: /access_tokens$/ }, { kind: 'status', status: 502 })
    await expect(grant()).rejects.toThrow(/502/)
    world.github.setPermissions('acme', { contents: null })
    await expect(grant()).rejects.toThrow(/not granted to this installation/)
  })
})
