import type { Preview } from './preview.ts'

/** A preview's folder at the tip of the GitOps branch. */
export interface Folder {
  /** `previews/<app>/pr-<number>` */
  readonly path: string
  /** The id of the folder's tree, null where there is no folder. */
  readonly tree: string | null
  /** What its preview.yaml says; null where there is no folder or the file can't be read. */
  readonly preview: Preview | null
  /** Why preview.yaml can't be read, '' where it can. */
  readonly fault: string
  /** Stands for what `common/` has for this app's previews at that commit, '' where it has nothing. */
  readonly common: string
  /** The commit at which all this was read. */
  readonly commit: string
}

/** The commit that made a folder what it is. */
export interface FolderTouch {
  readonly commit: string
  readonly by: 'westage' | 'person'
  /** The author's name, or of who made another of a commit of WeStage's; printable, at most 100 characters. */
  readonly name: string
  /** The message's first line, the same way. */
  readonly subject: string
  readonly atMs: number
}
