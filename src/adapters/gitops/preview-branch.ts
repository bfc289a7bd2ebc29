/** The branch of the GitOps repo that holds the previews. */
import { parseFolder } from '../../domain/names.ts'
import type { FolderTouch, PreviewBranch } from '../../ports.ts'
import { type Branch, type BranchOptions, openBranch } from '../../twig/branch.ts'
import { identityPart, type Person } from '../../twig/commit-object.ts'
import type { Change } from '../../twig/history.ts'
import { NotOnServer } from '../../twig/transport.ts'
import { commonFilesOf } from './common-files.ts'
import { namesOf } from './folder-path.ts'
import { openPreviewFolders, type ParsePreview } from './preview-folders.ts'
import { asOurs, ours } from './refusals.ts'

export interface PreviewBranchOptions extends Omit<BranchOptions, 'depth'> {
  readonly parsePreview: ParsePreview
  /** The name of GitHub's user for the App, whose commits by the API are WeStage's too; null where there is none. */
  readonly botName?: ((signal: AbortSignal) => Promise<string>) | null
}

/** The root, `previews/` and its apps: the trees that every change goes through. */
const DEPTH = 3

/**
 * Opens it without a request yet. `close` ends whatever is under way.
 * @throws {Terminal} (operator) the address holds credentials
 */
export function openPreviewBranch(options: PreviewBranchOptions): PreviewBranch & { close(): Promise<void> } {
  const branch = opened(options)
  const folders = openPreviewFolders(branch, options.parsePreview)
  const { botName = null } = options

  /** GitHub commits what comes by the API itself: whoever picks such a commit up again is its committer. */
  const isByBot = async ({ author, committer, message }: Change, signal: AbortSignal) =>
    botName !== null &&
    hasTrailer(message) &&
    committer.email.startsWith('noreply@') &&
    author.name === (await botName(signal))

  /** Whoever amends or picks up a commit of WeStage's is its committer, and WeStage still its author. */
  const whoMade = async ({ author, committer }: Change, signal: AbortSignal): Promise<Person> => {
    if (author.name === committer.name) return author
    const isOurName = author.name === identityPart(options.author.name)
    return isOurName || (botName !== null && author.name === (await botName(signal))) ? committer : author
  }

  return {
    folder: (path, signal) =>
      asOurs(async () => {
        namesOf(path)
        return await folders.one(await branch.fresh(signal), path, signal)
      }),
    folders: (signal) => asOurs(async () => await folders.all(await branch.fresh(signal), signal)),
    common: (app, signal) => asOurs(async () => await commonFilesOf(branch, await branch.fresh(signal), app, signal)),
    commit: ({ path, ...change }, signal) =>
      asOurs(async () => await branch.commit({ ...change, path: namesOf(path) }, signal)),
    isAt: (revision, { path, tree }, signal) =>
      asOurs(async () => (await branch.treeOf(revision, namesOf(path), signal)) === tree),
    lastChange: ({ path, commit, tree }, signal) =>
      asOurs(async () => {
        const tip = branch.known() ?? (await branch.fresh(signal))
        const names = namesOf(path)
        // What is asked about may have moved on since it was read.
        if (tip.commit !== commit && (await branch.treeAt(tip.tree, names, signal)) !== tree) return null
        const change = await branch.changeOf(tip, names, signal)
        if (change === null) return null
        const isByUs = isOurs(change, options.author) || (await isByBot(change, signal))
        return isByUs
          ? touchOf(change, 'westage', change.author)
          : touchOf(change, 'person', await whoMade(change, signal))
      }),
    files: (tree, signal) =>
      asOurs(async () => {
        try {
          const files = await branch.files(tree, signal)
          return new Map([...files].map(([path, content]) => [path, content.toString('utf8')]))
        } catch (error) {
          if (error instanceof NotOnServer) return null
          throw error
        }
      }),
    changedByOthers: (signal) =>
      asOurs(async () => {
        const paths = (await branch.changesOfOthers(signal)).map((names) => names.join('/'))
        const isCommon = (path: string) => path === 'common' || path.startsWith('common/')
        return { folders: paths.filter((path) => parseFolder(path) !== null), common: paths.some(isCommon) }
      }),
    close: async () => branch.close(),
  }
}

function opened(options: BranchOptions): Branch {
  try {
    return openBranch({ ...options, depth: DEPTH })
  } catch (error) {
    throw ours(error)
  }
}

const NAME_MAX = 100

function touchOf(change: Change, by: FolderTouch['by'], { name }: Person): FolderTouch {
  const [subject = ''] = change.message.split('\n')
  return {
    commit: change.id,
    by,
    name: printable(name),
    subject: printable(subject),
    atMs: change.atMs,
  }
}

/** Control and format characters could hide or turn round what people read. */
const printable = (text: string): string =>
  [...text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()].slice(0, NAME_MAX).join('')

/** The commit is ours by its committer and by the trailer that every commit of WeStage has. */
function isOurs({ committer, message }: Change, author: Person): boolean {
  const isOurName = committer.name === identityPart(author.name) && committer.email === identityPart(author.email)
  return isOurName && hasTrailer(message)
}

const hasTrailer = (message: string): boolean => /^WeStage-Preview: /m.test(message)
