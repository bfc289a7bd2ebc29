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
  readonly by: 'westage' | 'person'
  /** The author's name. */
  readonly name: string
  readonly message: string
  readonly atMs: number
}

/** A GitOps repo's branch in memory, with its history, and what people do there with git. */
export interface BranchInMemory extends PreviewBranch {
  commits(): readonly Commit[]
  /** A person reverts the last commit that changed each of these folders, in one commit. */
  revert(...paths: readonly string[]): void
  /** A person writes a file of a folder, null takes it away. */
  edit(path: string, file: string, text: string | null): void
  /** A person deletes folders, in one commit. */
  remove(...paths: readonly string[]): void
  /** A person brings another branch's state of folders in, as a merge or a squash does: one commit on the first-parent line. */
  merge(folders: ReadonlyMap<string, Files | null>): void
  /** A person forces the branch back to an earlier commit. */
  reset(commit: string): void
  /** A person forces a branch of the same content and another history: every commit is a new one. */
  rewrite(): void
  /** Who does what people do from now on. */
  person: string
  /** Operators put a file into `common/` or `common/<app>/`. */
  putCommon(path: string, text: string): void
  /** Folder path -> files at the tip. */
  tip(): Tree
  tipId(): string
  onPush(then: () => void): void
  fail(error: Error | null): void
  /** The same, of commits alone. */
  failCommits(error: Error | null): void
  /** How many commits are looked at to find who changed a folder. */
  reach: number
}

const hash = (text: string) => createHash('sha1').update(text).digest('hex')
const treeOf = (files: Files | undefined) => (files === undefined ? null : hash(JSON.stringify([...files].sort())))

/** @param now milliseconds since 1970 */
export function branchInMemory(now: () => number = () => 0): BranchInMemory {
  const start: Commit = { id: hash('start'), tree: new Map(), by: 'person', name: '', message: 'start', atMs: now() }
  let history: readonly Commit[] = [start]
  /** Commits that no branch leads to any more are still at the server. */
  const kept = new Map([[start.id, start]])
  let pushed = () => {}
  /** What people changed and nobody was told yet. */
  let byOthers = new Set<string>()
  let isCommonChanged = false
  let failure: Error | null = null
  let commitFailure: Error | null = null
  const common = new Map<string, string>()
  const commonFor = (app: string): CommonFiles => {
    const isFor = (path: string) => /^common\/[^/]+$/.test(path) || path.startsWith(`common/${app}/`)
    const files = new Map([...common].filter(([path]) => isFor(path)).sort())
    return { id: files.size === 0 ? '' : hash(JSON.stringify([...files])), files }
  }
  const last = () => history.at(-1) ?? start
  const answer = async (signal: AbortSignal) => {
    await Promise.resolve()
    signal.throwIfAborted()
    if (failure !== null) throw failure
  }
  function add(changes: ReadonlyMap<string, Files | null>, by: Commit['by'], name: string, message: string): string {
    const tree = new Map(last().tree)
    for (const [path, files] of changes) {
      if (files === null) tree.delete(path)
      else tree.set(path, files)
    }
    const id = hash(`${last().id} ${kept.size} ${message}`)
    const commit = { id, tree, by, name, message, atMs: Math.floor(now() / 1000) * 1000 }
    kept.set(id, commit)
    history = [...history, commit]
    pushed()
    return id
  }
  /** A person moves the branch: whatever is another then is theirs. */
  const movedByPerson = (move: () => void) => {
    const before = last().tree
    move()
    const after = last().tree
    for (const path of new Set([...before.keys(), ...after.keys()]))
      if (treeOf(before.get(path)) !== treeOf(after.get(path))) byOthers.add(path)
  }
  const byPerson = (changes: ReadonlyMap<string, Files | null>, message: string) =>
    movedByPerson(() => add(changes, 'person', branch.person, message))
  const changed = (path: string): number =>
    history.findLastIndex(
      ({ tree }, at) => treeOf(tree.get(path)) !== treeOf((history[at - 1]?.tree ?? start.tree).get(path)),
    )
  function folderAt(path: string): Folder {
    const files = last().tree.get(path)
    const parsed = files === undefined ? { fault: '' } : parsePreview(files.get('preview.yaml') ?? '')
    return {
      path,
      tree: treeOf(files),
      preview: 'preview' in parsed ? parsed.preview : null,
      fault: 'fault' in parsed ? parsed.fault : '',
      common: commonFor(parseFolder(path)?.app ?? '').id,
      commit: last().id,
    }
  }

  const branch: BranchInMemory = {
    person: 'Olga Operator',
    reach: Number.POSITIVE_INFINITY,
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
    revert(...paths) {
      const former = paths.map((path) => [path, history[changed(path) - 1]?.tree.get(path) ?? null] as const)
      byPerson(new Map(former), `Revert "${history[changed(paths[0] ?? '')]?.message.split('\n')[0]}"`)
    },
    edit(path, file, text) {
      const files = new Map(last().tree.get(path))
      if (text === null) files.delete(file)
      else files.set(file, text)
      byPerson(new Map([[path, files]]), `Try ${file}`)
    },
    remove: (...paths) => void byPerson(new Map(paths.map((path) => [path, null])), 'Away with it'),
    merge: (folders) => void byPerson(folders, "Merge branch 'by-hand'"),
    reset(commit) {
      movedByPerson(() => {
        history = history.slice(0, history.findIndex(({ id }) => id === commit) + 1)
      })
      pushed()
    },
    rewrite() {
      history = history.map((commit) => ({ ...commit, id: hash(`rewritten ${commit.id}`) }))
      for (const commit of history) kept.set(commit.id, commit)
      pushed()
    },
    putCommon(path, text) {
      common.set(path, text)
      isCommonChanged = true
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
      const tree = treeOf(files ?? undefined)
      if (treeOf(current) === tree) return { commit: last().id, tree, changed: false }
      if (treeOf(current) !== onto) throw new NotReady('the folder moved', 0)
      return { commit: add(new Map([[path, files]]), 'westage', 'WeStage', message), tree, changed: true }
    },
    async isAt(revision, folder, signal) {
      await answer(signal)
      const commit = kept.get(revision)
      return commit !== undefined && treeOf(commit.tree.get(folder.path)) === folder.tree
    },
    async lastChange({ path, tree }, signal) {
      await answer(signal)
      const at = changed(path)
      const touch = history[at]
      if (touch === undefined || treeOf(touch.tree.get(path)) !== tree) return null
      if (history.length - at > branch.reach) return null
      const { id, by, name, message, atMs } = touch
      return { commit: id, by, name, subject: message.split('\n')[0] ?? '', atMs }
    },
    async files(tree, signal) {
      await answer(signal)
      return (
        [...kept.values()].flatMap((commit) => [...commit.tree.values()]).find((one) => treeOf(one) === tree) ?? null
      )
    },
    async changedByOthers(signal) {
      await answer(signal)
      const found = { folders: [...byOthers], common: isCommonChanged }
      byOthers = new Set()
      isCommonChanged = false
      return found
    },
  }
  return branch
}
