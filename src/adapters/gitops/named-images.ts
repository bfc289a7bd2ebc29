/** Which images the GitOps repo names: in any file of `previews/` and `common/` now, and in preview.yaml's of the past. */
import { Terminal } from '../../domain/errors.ts'
import type { NamedImages } from '../../domain/unneeded-images.ts'
import { type Branch, type BranchOptions, openBranch } from '../../twig/branch.ts'
import { isFile, isFolder, type TreeEntry, textOfName } from '../../twig/tree.ts'
import { asOurs, ours } from './refusals.ts'

interface ImagesOfFiles extends NamedImages {
  /** `registry/repository` of those that are named by digest. */
  readonly repositories: ReadonlySet<string>
}

export interface ImagesOfBranch {
  /**
   * What it names at its tip, read afresh: one request where it has not moved.
   * @throws {Terminal} (operator) the branch can't be read, or holds no previews at all
   */
  now(signal: AbortSignal): Promise<ImagesOfFiles & { readonly apps: ReadonlySet<string> }>
  /**
   * What its previews were at some time since then: what a revert brings back.
   * @throws {Terminal} (operator) there are too many commits since then
   */
  since(sinceMs: number, signal: AbortSignal): Promise<ImagesOfFiles>
  close(): void
}

/** The root, `previews/`, its apps, their previews, and `manifests/` in these. */
const LEVELS = 5
const PREVIEW_LEVELS = 4
/** So many files are asked for at a time. */
const BATCH_FILES = 4000
/** This is no service: what it read it may keep until it ends. */
const AT_HAND_MAX_BYTES = 512 * 1024 * 1024

const DIGEST = /sha256:[0-9a-f]{64}/g
/** Distribution project: `reference` package. What looks so and is no image does no harm. */
const NAME = /[a-z0-9][a-z0-9._:/-]*:[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}/g
const BY_DIGEST = /([a-z0-9][a-z0-9._:/-]{0,400})@sha256:[0-9a-f]{64}/g

/** Opens it without a request yet. @throws {Terminal} (operator) the address holds credentials */
export function openImagesOfBranch(options: Omit<BranchOptions, 'depth' | 'atHandMaxBytes'>): ImagesOfBranch {
  const branch = opened({ ...options, atHandMaxBytes: AT_HAND_MAX_BYTES })
  let known: { readonly commit: string; readonly named: Awaited<ReturnType<ImagesOfBranch['now']>> } | null = null

  const filesBelow = async (tree: string, signal: AbortSignal): Promise<string[]> => {
    const found: string[] = []
    for (const entry of await branch.entries(tree, signal)) {
      if (isFile(entry)) found.push(entry.id)
      else if (isFolder(entry)) found.push(...(await filesBelow(entry.id, signal)))
    }
    return found
  }
  const namedIn = async (files: Iterable<string>, signal: AbortSignal): Promise<ImagesOfFiles> => {
    const [digests, names, repositories] = [new Set<string>(), new Set<string>(), new Set<string>()]
    const ids = [...new Set(files)]
    for (let at = 0; at < ids.length; at += BATCH_FILES) {
      await branch.blobs(
        ids.slice(at, at + BATCH_FILES),
        (_, content) => {
          const text = content.toString('latin1')
          for (const [digest] of text.matchAll(DIGEST)) digests.add(digest)
          for (const [name] of text.matchAll(NAME)) names.add(name)
          for (const [, repository = ''] of text.matchAll(BY_DIGEST)) repositories.add(repository)
        },
        signal,
      )
    }
    return { digests, names, repositories }
  }

  return {
    now: (signal) =>
      asOurs(async () => {
        const tip = await branch.fresh(signal)
        if (known?.commit === tip.commit) return known.named
        await branch.levels(tip, LEVELS, signal)
        const previews = await branch.treeAt(tip.tree, ['previews'], signal)
        if (previews === null) {
          throw new Terminal('the GitOps repo has no folder previews/: check gitops.url and gitops.branch', {
            whose: 'operator',
          })
        }
        const apps = (await branch.entries(previews, signal)).filter(isFolder).map(({ name }) => textOfName(name))
        const common = await branch.treeAt(tip.tree, ['common'], signal)
        const files = await filesBelow(previews, signal)
        if (common !== null) files.push(...(await filesBelow(common, signal)))
        known = { commit: tip.commit, named: { ...(await namedIn(files, signal)), apps: new Set(apps) } }
        return known.named
      }),
    since: (sinceMs, signal) =>
      asOurs(async () => {
        const files = new Set<string>()
        const visit = (entries: readonly TreeEntry[]) => {
          for (const entry of entries) {
            if (isFile(entry) && textOfName(entry.name) === 'preview.yaml') files.add(entry.id)
          }
        }
        const isAll = await branch.treesSince(await branch.fresh(signal), sinceMs, PREVIEW_LEVELS, visit, signal)
        if (isAll) return await namedIn(files, signal)
        throw new Terminal('the GitOps repo has over 20,000 commits in the time that is kept: keep a shorter one', {
          whose: 'operator',
        })
      }),
    close: branch.close,
  }
}

function opened(options: BranchOptions): Branch {
  try {
    return openBranch(options)
  } catch (error) {
    throw ours(error)
  }
}
