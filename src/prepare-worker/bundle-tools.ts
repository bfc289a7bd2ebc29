import { repoFiles } from '../adapters/archive/repo-files.ts'
import { tarUnpacker } from '../adapters/archive/unpack.ts'
import { kustomizeOf } from '../adapters/kustomize/find-kustomize.ts'
import type { BundlePorts } from '../reconcile/prepare.ts'
import type { Place, WorkerTools } from './frames.ts'

/** What takes an archive apart and renders what is in it, the same wherever prepare runs. */
export const bundleTools = (
  { archive, render }: WorkerTools,
  { kustomize, folder }: Place,
): Pick<BundlePorts, 'unpacker' | 'files' | 'kustomize'> => ({
  unpacker: tarUnpacker(archive),
  files: repoFiles,
  kustomize: kustomizeOf({ ...kustomize, workDir: folder }, render),
})
