/** GitHub: REST, "Get repository content": a file, or what a folder has. */
import { createHash } from 'node:crypto'
import type { Hono } from 'hono'
import type { Addresses } from './addresses.ts'
import { requirePermission } from './app-auth.ts'
import { type Commit, readContent } from './commits.ts'
import { notFound } from './errors.ts'
import type { JsonObject } from './json.ts'
import { fullNameOf, type Repository, resolveRef } from './repository.ts'
import type { Env, World } from './world.ts'

/** GitHub: a file above 1 MB comes with an empty content and the encoding `none`. */
const CONTENT_MAX_BYTES = 1024 * 1024
/** GitHub breaks the lines of base64 so. */
const LINE_LENGTH = 60

export function addContents(repos: Hono<Env>, { addresses }: World): void {
  repos.get('/contents/:path{.*}', (c) => {
    const repository = c.get('repository')
    requirePermission(c.get('caller'), repository, ['contents', 'read'])
    const ref = c.req.query('ref') ?? repository.defaultBranch
    const commit = resolveRef(repository, ref)
    const path = c.req.param('path').replace(/\/+$/, '')
    if (commit === null) throw notFound()
    if (commit.files.has(path)) return c.json(fileView(repository, commit, path, ref, addresses))
    const names = namesIn(commit, path)
    if (names.length === 0) throw notFound()
    return c.json(
      names.map((name) => entryView(repository, commit, path === '' ? name : `${path}/${name}`, ref, addresses)),
    )
  })
}

function namesIn({ files }: Commit, folder: string): readonly string[] {
  const start = folder === '' ? '' : `${folder}/`
  const below = [...files.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length))
  return [...new Set(below.map((path) => path.split('/')[0] ?? path))].sort()
}

function fileView(repository: Repository, commit: Commit, path: string, ref: string, addresses: Addresses): JsonObject {
  const entry = entryView(repository, commit, path, ref, addresses)
  const { kind, bytes } = readContent(commit.files.get(path) ?? '')
  if (kind === 'link') return { ...entry, type: 'symlink', target: bytes.toString('utf8') }
  if (bytes.length > CONTENT_MAX_BYTES) return { ...entry, content: '', encoding: 'none' }
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  return { ...entry, content: lines.map((line) => `${line}\n`).join(''), encoding: 'base64' }
}

/** What a folder tells of one of its files or folders. */
function entryView(
  repository: Repository,
  { files }: Commit,
  path: string,
  ref: string,
  { api, site }: Addresses,
): JsonObject {
  const content = files.get(path)
  const bytes = content === undefined ? null : readContent(content).bytes
  const name = fullNameOf(repository)
  const sha = createHash('sha1')
    .update(bytes === null ? `tree ${path}` : `blob ${bytes.length}\0`)
    .update(bytes ?? '')
    .digest('hex')
  const at = path.split('/').map(encodeURIComponent).join('/')
  const [kind, page] = bytes === null ? ['trees', 'tree'] : ['blobs', 'blob']
  const links = {
    self: `${api}/repos/${name}/contents/${at}?ref=${ref}`,
    git: `${api}/repos/${name}/git/${kind}/${sha}`,
    html: `${site}/${name}/${page}/${ref}/${at}`,
  }
  return {
    type: bytes === null ? 'dir' : 'file',
    size: bytes?.length ?? 0,
    name: path.split('/').at(-1) ?? path,
    path,
    sha,
    url: links.self,
    git_url: links.git,
    html_url: links.html,
    download_url: bytes === null ? null : `${site}/${name}/raw/${ref}/${at}`,
    _links: links,
  }
}
