import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  findKustomize,
  KustomizeMissing,
  type KustomizeSettings,
} from '../../../src/adapters/kustomize/find-kustomize.ts'
import type { Kustomize } from '../../../src/ports.ts'

export const SETTINGS: KustomizeSettings = {
  path: process.env.PATH ?? '',
  folders: ['k8s/overlays/preview', 'k8s', '.k8s'],
  timeoutMs: 30_000,
  maxMemoryMb: 1024,
  maxOutputBytes: 16_000_000,
}

export const NEVER = new AbortController().signal

/** The machine's kustomize; null where a user's machine has none. On CI its absence is a failure. */
export const kustomize: Kustomize | null = await findKustomize(SETTINGS, NEVER).catch((error: unknown) => {
  if (error instanceof KustomizeMissing && process.env.CI !== 'true') return null
  throw error
})

export const reason = kustomize === null ? ' (skipped: neither kustomize nor kubectl is installed)' : ''

/** Writes files below a folder. */
export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

export const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
