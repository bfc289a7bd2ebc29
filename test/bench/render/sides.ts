/** The two that are compared: kustomize by itself, and all of what the service does with the same folder. */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { commandPathOf } from '../../../src/adapters/child-process.ts'
import { findKustomize } from '../../../src/adapters/kustomize/find-kustomize.ts'
import type { Kustomize } from '../../../src/ports.ts'
import { previewOf } from '../../manifests/preview-sample.ts'
import { BUILT, targetOf } from '../../manifests/sample.ts'
import { type Made, madeOf, type Rendered, renderOnce } from './ours.ts'

const PATH = process.env.PATH ?? ''
const MAX_BYTES = 64_000_000

const TARGET = targetOf({
  images: [{ name: null, built: BUILT, replaces: 'registry.example.com/shop' }],
  size: { replicasMax: 2, cpuRequestMax: '500m', memoryRequestMax: '1Gi', replicas: {} },
})

/** This machine's kustomize, under the caps that an instance has by default. */
export const benchedKustomize = (): Promise<Kustomize> =>
  findKustomize(
    { path: PATH, folders: [], timeoutMs: 30_000, maxMemoryMb: 1024, maxOutputBytes: MAX_BYTES },
    new AbortController().signal,
  )

/** Milliseconds that kustomize takes for `k8s/` of a root, its output read. */
export async function bareOnce(root: string): Promise<number> {
  const command = await commandPathOf('kustomize', PATH)
  const [file, verb] = command === null ? ['kubectl', 'kustomize'] : [command, 'build']
  const start = performance.now()
  await promisify(execFile)(file, [verb, './k8s'], {
    cwd: root,
    env: { PATH, HOME: tmpdir() },
    maxBuffer: MAX_BYTES,
  })
  return performance.now() - start
}

export const oursOnce = (kustomize: Kustomize, root: string): Promise<Rendered> =>
  renderOnce(kustomize, root, TARGET, previewOf())

export const oursWithoutKustomize = (yaml: string): Made => madeOf(yaml, TARGET, previewOf())
