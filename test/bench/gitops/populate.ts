/** A GitOps repo of many previews with a long history, by one `git fast-import` (git documentation: git-fast-import). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { git, gitEnv } from '../../servers/git-cli.ts'
import { commitOf, fileOf } from './import-stream.ts'
import { changedTextsOf, messageOf, pathOf, type Revision, textsByFile } from './preview-texts.ts'

export interface Population {
  readonly previews: number
  /** Each after the first changed one preview. */
  readonly commits: number
}

const CHUNK_BYTES = 1_000_000
const STARTED_AT_SECONDS = 1_700_000_000
/** Prime to every count of previews here: the changes go around all of them, far from each other. */
const STRIDE = 7919

/** Fills an empty bare repo, and packs it as a host does. */
export async function populate(dir: string, population: Population): Promise<void> {
  await importAll(dir, streamOf(startOf(population), changesOf(population, 1)))
}

/** Lengthens the history of such a repo, of `from` commits, to that of the population. */
export async function lengthen(dir: string, population: Population, from: number): Promise<void> {
  await importAll(dir, streamOf([], changesOf(population, from)))
}

/** Revision of each preview at the tip of such a repo. */
export function revisionsOf(population: Population): number[] {
  const revisions = new Array<number>(population.previews).fill(0)
  for (const { preview, revision } of changesOf(population, 1)) revisions[preview] = revision
  return revisions
}

async function importAll(dir: string, stream: Iterable<string>): Promise<void> {
  // Packed again below: what is written until then need not be small.
  const importer = spawn('git', ['-c', 'core.compression=1', 'fast-import', '--quiet', '--done'], {
    cwd: dir,
    env: gitEnv(dir),
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = once(importer, 'exit')
  await pipeline(Readable.from(inChunks(stream)), importer.stdin)
  const [code] = await ended
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
  await git(['repack', '-a', '-d', '--quiet'], { cwd: dir })
  await git(['pack-refs', '--all'], { cwd: dir })
}

interface Change extends Revision {
  /** Which commit of the history makes it, counted from 0. */
  readonly commit: number
}

function* changesOf({ previews, commits }: Population, from: number): Generator<Change> {
  for (let commit = from; commit < commits; commit++) {
    const revision = Math.floor((commit - 1) / previews) + 1
    yield { commit, preview: (commit * STRIDE) % previews, revision }
  }
}

function* startOf({ previews }: Population): Generator<string> {
  yield commitOf('Start of the GitOps repo\n', committerAt(0))
  yield fileOf('README.md', '# Previews\n')
  yield fileOf('common/network-policy.yaml', 'kind: NetworkPolicy\n')
  for (const { path, text } of textsByFile(previews)) yield fileOf(path, text)
}

function* streamOf(start: Iterable<string>, changes: Iterable<Change>): Generator<string> {
  let isFirst = true
  for (const text of start) {
    yield text
    isFirst = false
  }
  for (const change of changes) {
    yield commitOf(messageOf(change), committerAt(change.commit))
    if (isFirst) yield 'from refs/heads/main^0\n'
    isFirst = false
    for (const [name, text] of changedTextsOf(change)) yield fileOf(`${pathOf(change.preview)}/${name}`, text)
  }
  yield 'done\n'
}

/** One a minute. */
const committerAt = (commit: number): string =>
  `WeStage <westage@example.com> ${STARTED_AT_SECONDS + commit * 60} +0000`

function* inChunks(texts: Iterable<string>): Generator<Buffer> {
  let parts: string[] = []
  let bytes = 0
  for (const text of texts) {
    parts.push(text)
    bytes += text.length
    if (bytes < CHUNK_BYTES) continue
    yield Buffer.from(parts.join(''))
    parts = []
    bytes = 0
  }
  yield Buffer.from(parts.join(''))
}
