import type { Manifest } from './manifest.ts'
import { printYaml } from './print-yaml.ts'

/** One manifest as YAML, in the order in which it was read. js-yaml, kubectl and Argo CD read the same value from it. */
export const printManifest = (manifest: Manifest): string => printYaml(manifest)
