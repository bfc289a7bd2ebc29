import type { FoundKustomize } from '../adapters/kustomize/find-kustomize.ts'
import { type PreparePorts, prepare } from '../reconcile/prepare.ts'
import { bundleTools } from './bundle-tools.ts'
import type { WorkerTools } from './frames.ts'
import type { PrepareWorker } from './prepare-worker.ts'

export interface InsideWorkerOptions extends Pick<PreparePorts, 'archives' | 'builder' | 'workspaces'> {
  readonly tools: WorkerTools
  readonly kustomize: FoundKustomize
  /** Where tools have their homes. */
  readonly workDir: string
}

/** Prepare in the service itself, without a worker's limits. */
export function insideWorker({ tools, kustomize, workDir, ...parts }: InsideWorkerOptions): PrepareWorker {
  const ports: PreparePorts = { ...parts, ...bundleTools(tools, { folder: workDir, kustomize }) }
  return { prepare: (request, step, signal) => prepare(request, ports, step, signal), close: async () => {} }
}
