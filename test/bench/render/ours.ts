/** What the service does between an unpacked commit and a folder to commit, and how long its parts take. */
import { performance } from 'node:perf_hooks'
import type { Preview } from '../../../src/domain/preview.ts'
import { bundleOf } from '../../../src/manifests/bundle.ts'
import { composed, folderFilesOf } from '../../../src/manifests/compose.ts'
import { groupKindOf } from '../../../src/manifests/manifest.ts'
import { parseManifests } from '../../../src/manifests/parse.ts'
import type { Target } from '../../../src/manifests/target.ts'
import { enforce, type PolicySettings } from '../../../src/policy/policy.ts'
import type { Kustomize } from '../../../src/ports.ts'

const POLICY: PolicySettings = {
  profile: 'standard',
  kinds: { allow: [], deny: [] },
  ingressAnnotations: [],
  exemptions: [],
}

/** Milliseconds. */
export interface Made {
  readonly transformMs: number
  readonly policyMs: number
  /** Reading kustomize's output and printing the files. */
  readonly yamlMs: number
}

export interface Rendered extends Made {
  /** All of it together. */
  readonly wholeMs: number
  /** What kustomize made. */
  readonly yaml: string
}

/** Renders `k8s/` of a root. */
export async function renderOnce(
  kustomize: Kustomize,
  root: string,
  target: Target,
  preview: Preview,
): Promise<Rendered> {
  const start = performance.now()
  const folder = await kustomize.folderOf(root, 'k8s')
  await kustomize.scan(root, folder)
  const yaml = await kustomize.build(root, folder, () => {}, new AbortController().signal)
  const made = madeOf(yaml, target, preview)
  return { ...made, wholeMs: performance.now() - start, yaml }
}

/** What follows on kustomize. */
export function madeOf(yaml: string, target: Target, preview: Preview): Made {
  const start = performance.now()
  const manifests = parseManifests(yaml)
  const parsed = performance.now()
  const bundle = bundleOf(manifests, target)
  const transformed = performance.now()
  const own = bundle.manifests.filter((manifest) => groupKindOf(manifest) !== 'Namespace')
  const { app, namespace, podTemplates } = target
  enforce(own, { app, namespace, settings: POLICY, podTemplates, beside: [] })
  const judged = performance.now()
  const { files } = composed(bundle, { common: [], addons: [], guards: [], namespaceLabels: {} }, target)
  const made = performance.now()
  folderFilesOf(files, preview)
  return {
    transformMs: transformed - parsed + made - judged,
    policyMs: judged - transformed,
    yamlMs: parsed - start + performance.now() - made,
  }
}
