/** GitHub: REST, "Download a repository archive (tar)": a redirect to where the bytes are, good for one download. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Hono } from 'hono'
import { requirePermission } from './app-auth.ts'
import { archiveOf } from './archive.ts'
import { fullNameOf, type Repository, resolveRef } from './repository.ts'
import type { Env, World } from './world.ts'

/** GitHub: the links of private repos expire after five minutes. */
const LINK_LIFE_MS = 300_000

interface Link {
  readonly repository: Repository
  readonly ref: string
  readonly expiresAtMs: number
}

/** Adds the route that redirects, and the one it leads to; that one knows no rate limit and asks for no token. */
export function addTarballs(repos: Hono<Env>, codeload: Hono<Env>, { state, addresses }: World): void {
  const links = new Map<string, Link>()

  repos.get('/tarball/:ref{.+}', (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['contents', 'read'])
    const token = randomBytes(12).toString('hex').toUpperCase()
    const ref = c.req.param('ref')
    links.set(token, { repository, ref, expiresAtMs: state.now() + LINK_LIFE_MS })
    const path = `${fullNameOf(repository)}/legacy.tar.gz/${encodeURIComponent(ref)}`
    return c.redirect(`${addresses.api}/codeload/${path}?token=${token}`, 302)
  })

  codeload.get('/codeload/:owner/:name/legacy.tar.gz/:ref', (c) => {
    const token = c.req.query('token') ?? ''
    const link = links.get(token)
    links.delete(token)
    const commit =
      link === undefined || link.expiresAtMs <= state.now() || link.repository.isDeleted
        ? null
        : resolveRef(link.repository, link.ref)
    // It is only here that GitHub looks whether there is such a commit.
    if (link === undefined || commit === null) return c.text('404: Not Found', 404)
    const name = `${fullNameOf(link.repository).replace('/', '-')}-${commit.sha.slice(0, 7)}`
    const bytes = Readable.from(archiveOf(commit, name)).pipe(createGzip())
    return c.body(Readable.toWeb(bytes), 200, {
      'content-type': 'application/x-gzip',
      'content-disposition': `attachment; filename=${name}.tar.gz`,
      etag: `W/"${commit.treeId}"`,
      vary: 'Authorization,Accept-Encoding,Origin',
    })
  })
}
