import { type PreparePorts, prepare } from '../reconcile/prepare.ts'
import { bundleTools } from './bundle-tools.ts'
import type { WorkerTools } from './frames.ts'
import type { LocalWorker } from './local-worker.ts'

export interface InsideWorkerOptions extends Pick<PreparePorts, 'archives' | 'builder' | 'workspaces'> {
  readonly tools: WorkerTools
  /** Where tools have their homes. */
  readonly workDir: string
}

/** Prepare in the service itself, without a worker's limits. */
export function insideWorker({ tools, workDir, ...parts }: InsideWorkerOptions): LocalWorker {
  const ports: PreparePorts = { ...parts, ...bundleTools(tools, workDir) }
  return { prepare: (request, step, signal) => prepare(request, ports, step, signal), close: async () => {} }
}
