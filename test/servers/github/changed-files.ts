/** GitHub: REST, "List pull requests files": what a pull request changes against where it left its base. */
import { createHash } from 'node:crypto'
import type { Addresses } from './addresses.ts'
import { type Commit, type Content, isAncestor, readContent } from './commits.ts'
import type { JsonObject } from './json.ts'
import { fullNameOf, type PullRequest, type Repository } from './repository.ts'

/** GitHub: "Responses include a maximum of 3000 files." */
const LISTED_MAX = 3000

interface ChangedFile {
  readonly path: string
  readonly status: 'added' | 'removed' | 'modified' | 'renamed'
  /** The former path, '' unless renamed. */
  readonly former: string
  /** What is there now; of a file that was removed, what was. */
  readonly content: Content
  readonly additions: number
  readonly deletions: number
}

/** The changed files in the order of their paths, as many of them as GitHub lists. A `patch` is left out of each. */
export function changedFileViews(repository: Repository, pull: PullRequest, addresses: Addresses): JsonObject[] {
  const head = repository.commits.get(pull.headSha)
  if (head === undefined) return []
  return changedFiles(mergeBaseOf(repository, pull)?.files ?? new Map(), head.files)
    .slice(0, LISTED_MAX)
    .map((file) => viewOf(repository, pull, file, addresses))
}

/** The last commit of the head's history that is in the base's too. */
function mergeBaseOf({ commits, branches }: Repository, { headSha, base, baseSha }: PullRequest): Commit | undefined {
  const tip = branches.get(base) ?? baseSha
  const seen = new Set([headSha])
  for (const at of seen) {
    if (isAncestor(commits, at, tip)) return commits.get(at)
    for (const parent of commits.get(at)?.parents ?? []) seen.add(parent)
  }
  return undefined
}

/** A file that went and one of the same content that came are one that was renamed. */
function changedFiles(before: Commit['files'], after: Commit['files']): ChangedFile[] {
  const gone = [...before].filter(([path]) => !after.has(path))
  const files: ChangedFile[] = []
  for (const [path, content] of after) {
    const former = before.get(path)
    if (former !== undefined) {
      if (blobOf(former) === blobOf(content)) continue
      const counts = { additions: linesBeside(content, former), deletions: linesBeside(former, content) }
      files.push({ path, status: 'modified', former: '', content, ...counts })
      continue
    }
    const at = gone.findIndex(([, each]) => blobOf(each) === blobOf(content))
    const [moved] = at === -1 ? [] : gone.splice(at, 1)
    files.push(
      moved === undefined
        ? { path, status: 'added', former: '', content, additions: linesOf(content).length, deletions: 0 }
        : { path, status: 'renamed', former: moved[0], content, additions: 0, deletions: 0 },
    )
  }
  for (const [path, content] of gone) {
    files.push({ path, status: 'removed', former: '', content, additions: 0, deletions: linesOf(content).length })
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function viewOf(repository: Repository, { headSha }: PullRequest, file: ChangedFile, addresses: Addresses): JsonObject {
  const name = fullNameOf(repository)
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  return {
    sha: blobOf(file.content),
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${addresses.site}/${name}/blob/${headSha}/${path}`,
    raw_url: `${addresses.site}/${name}/raw/${headSha}/${path}`,
    contents_url: `${addresses.api}/repos/${name}/contents/${path}?ref=${headSha}`,
    ...(file.status === 'renamed' ? { previous_filename: file.former } : {}),
  }
}

/** Git documentation, "Git Objects". */
function blobOf(content: Content): string {
  const { bytes } = readContent(content)
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

const linesOf = (content: Content): readonly string[] =>
  readContent(content)
    .bytes.toString('utf8')
    .split(/(?<=\n)/)
    .filter((line) => line !== '')

/** How many lines of one are not in the other, wherever they stand. */
function linesBeside(content: Content, other: Content): number {
  const lines = new Set(linesOf(other))
  return linesOf(content).filter((line) => !lines.has(line)).length
}
