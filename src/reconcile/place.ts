import type { Application } from '../domain/application.ts'
import type { Folder } from '../domain/folder.ts'
import type { PreviewBranch } from '../ports.ts'

/** Whether what Argo CD compared and synced last is this folder, in whatever commit. */
export async function placeOf(
  application: Application | null,
  folder: Folder,
  branch: Pick<PreviewBranch, 'isAt'>,
  signal: AbortSignal,
): Promise<{ syncedHere: boolean; operatedHere: boolean }> {
  const isHere = (revision: string | undefined) =>
    revision === undefined || revision === '' ? false : branch.isAt(revision, folder, signal)
  const [syncedHere, operatedHere] = await Promise.all([
    isHere(application?.sync.revision),
    isHere(application?.operation?.revision),
  ])
  return { syncedHere, operatedHere }
}
