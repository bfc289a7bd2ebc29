import { createHash } from 'node:crypto'
import { NotReady, Terminal } from '../../src/domain/errors.ts'
import { parseFolder } from '../../src/domain/names.ts'
import { parsePreview } from '../../src/manifests/preview-file.ts'
import type { CommonFiles, Folder, PreviewBranch } from '../../src/ports.ts'

type Files = ReadonlyMap<string, string>
type Tree = ReadonlyMap<string, Files>

interface Commit {
  readonly id: string
  readonly tree: Tree
  readonly path: string
  readonly by: 'westage' | 'person'
  readonly message: string
}

/** A GitOps repo's branch in memory, with its history. */
export interface BranchInMemory extends PreviewBranch {
  commits(): readonly Commit[]
  /** A person reverts the last commit that touched the folder. */
  revert(path: string): void
  /** Operators put a file into `common/` or `common/<app>/`. */
  putCommon(path: string, text: string): void
  /** Folder path -> files at the tip. */
  tip(): Tree
  tipId(): string
  onPush(then: () => void): void
  fail(error: Error | null): void
  /** The same, of commits alone. */
  failCommits(error: Error | null): void
}

const hash = (text: string) => createHash('sha1').update(text).digest('hex')
const treeOf = (files: Files | undefined) => (files === undefined ? null : hash(JSON.stringify([...files].sort())))

export function branchInMemory(): BranchInMemory {
  const history: Commit[] = [{ id: hash('start'), tree: new Map(), path: '', by: 'person', message: 'start' }]
  let pushed = () => {}
  let askedAt = history.length
  let failure: Error | null = null
  let commitFailure: Error | null = null
  const common = new Map<string, string>()
  const commonFor = (app: string): CommonFiles => {
    const isFor = (path: string) => /^common\/[^/]+$/.test(path) || path.startsWith(`common/${app}/`)
    const files = new Map([...common].filter(([path]) => isFor(path)).sort())
    return { id: files.size === 0 ? '' : hash(JSON.stringify([...files])), files }
  }
  const last = () => history.at(-1) as Commit
  const answer = async (signal: AbortSignal) => {
    await Promise.resolve()
    signal.throwIfAborted()
    if (failure !== null) throw failure
  }
  function add(path: string, files: Files | null, by: Commit['by'], message: string): string {
    const tree = new Map(last().tree)
    if (files === null) tree.delete(path)
    else tree.set(path, files)
    history.push({ id: hash(`${last().id} ${path} ${message}`), tree, path, by, message })
    pushed()
    return last().id
  }
  function folderAt(path: string): Folder {
    const files = last().tree.get(path)
    const parsed = files === undefined ? { fault: '' } : parsePreview(files.get('preview.yaml') ?? '')
    return {
      path,
      tree: treeOf(files),
      preview: 'preview' in parsed ? parsed.preview : null,
      fault: 'fault' in parsed ? parsed.fault : '',
      touchedBy: history.findLast((commit) => commit.path === path)?.by ?? 'unknown',
      common: commonFor(parseFolder(path)?.app ?? '').id,
      commit: last().id,
    }
  }

  return {
    commits: () => history,
    tip: () => last().tree,
    tipId: () => last().id,
    onPush(then) {
      pushed = then
    },
    fail(error) {
      failure = error
    },
    failCommits(error) {
      commitFailure = error
    },
    revert(path) {
      const at = history.findLastIndex((commit) => commit.path === path)
      add(path, history[at - 1]?.tree.get(path) ?? null, 'person', `Revert "${history[at]?.message}"`)
    },
    putCommon(path, text) {
      common.set(path, text)
      pushed()
    },
    async common(app, signal) {
      await answer(signal)
      return commonFor(app)
    },
    async folder(path, signal) {
      await answer(signal)
      return folderAt(path)
    },
    async folders(signal) {
      await answer(signal)
      return [...last().tree.keys()].map(folderAt)
    },
    async commit({ path, files, onto, message }, signal) {
      await answer(signal)
      if (commitFailure !== null) throw commitFailure
      if (parseFolder(path) === null) throw new Terminal(`${path} is not a preview folder`)
      const current = last().tree.get(path)
      if (treeOf(current) === treeOf(files ?? undefined))
        return { commit: last().id, tree: treeOf(current), changed: false }
      if (treeOf(current) !== onto) throw new NotReady('the folder moved', 0)
      return { commit: add(path, files, 'westage', message), tree: treeOf(files ?? undefined), changed: true }
    },
    async isAt(revision, folder, signal) {
      await answer(signal)
      const commit = history.find(({ id }) => id === revision)
      return commit !== undefined && treeOf(commit.tree.get(folder.path)) === folder.tree
    },
    async lastChange({ path }, signal) {
      await answer(signal)
      const touch = history.findLast((commit) => commit.path === path)
      if (touch === undefined) return null
      const { id, by, message } = touch
      return {
        commit: id,
        by,
        name: by === 'person' ? 'Olga Operator' : 'WeStage',
        subject: message.split('\n')[0] ?? '',
        atMs: 0,
      }
    },
    async files(tree, signal) {
      await answer(signal)
      const found = history.flatMap((commit) => [...commit.tree.values()]).find((files) => treeOf(files) === tree)
      if (found === undefined) throw new Error(`no tree ${tree}`)
      return found
    },
    async changedByOthers(signal) {
      await answer(signal)
      const folders = history.slice(askedAt).filter(({ by }) => by === 'person')
      askedAt = history.length
      return { folders: folders.map(({ path }) => path), common: false }
    },
  }
}
