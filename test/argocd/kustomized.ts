/** What `kubectl kustomize` makes of argocd/, as it stands or in a copy with settings and components of a test's own. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dump, load, loadAll } from 'js-yaml'
import { z } from 'zod'

const ARGOCD = fileURLToPath(new URL('../../argocd', import.meta.url))
const ObjectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().default('') }),
})
export type KubernetesObject = z.output<typeof ObjectSchema>

const SettingsSchema = z.looseObject({ data: z.record(z.string(), z.string()) })
const KustomizationSchema = z.looseObject({ components: z.array(z.string()).default([]) })

/** The objects of argocd/, with other settings and more components where they are given. */
export function kustomized(
  changes: { settings?: Readonly<Record<string, string>>; components?: readonly string[] } = {},
): readonly KubernetesObject[] {
  const copy = mkdtempSync(join(tmpdir(), 'westage-argocd-'))
  try {
    cpSync(ARGOCD, copy, { recursive: true })
    const settings = SettingsSchema.parse(load(readFileSync(join(copy, 'settings.yaml'), 'utf8')))
    const data = { ...settings.data, ...changes.settings }
    writeFileSync(join(copy, 'settings.yaml'), dump({ ...settings, data }))
    const kustomization = KustomizationSchema.parse(load(readFileSync(join(copy, 'kustomization.yaml'), 'utf8')))
    const components = [...kustomization.components, ...(changes.components ?? [])]
    writeFileSync(join(copy, 'kustomization.yaml'), dump({ ...kustomization, components }))
    return objectsIn(copy)
  } finally {
    rmSync(copy, { recursive: true })
  }
}

/** The objects of a kustomization below argocd/, which is applied by itself. */
export const kustomizedAlone = (folder: string): readonly KubernetesObject[] => objectsIn(join(ARGOCD, folder))

/**
 * The same of a copy, as whoever applies it makes it their own.
 * @param said in its kustomization.yaml, in place of what stands there
 * @param files beside that, name -> text
 */
export function kustomizedWith(
  folder: string,
  said: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>>,
): readonly KubernetesObject[] {
  const copy = mkdtempSync(join(tmpdir(), 'westage-argocd-'))
  try {
    cpSync(join(ARGOCD, folder), copy, { recursive: true })
    const file = join(copy, 'kustomization.yaml')
    writeFileSync(file, dump({ ...z.looseObject({}).parse(load(readFileSync(file, 'utf8'))), ...said }))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(copy, name), text)
    return objectsIn(copy)
  } finally {
    rmSync(copy, { recursive: true })
  }
}

const objectsIn = (folder: string): readonly KubernetesObject[] =>
  loadAll(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })).map((json) => ObjectSchema.parse(json))

/** Whether kubectl is not here; in CI it has to be. */
export function kubectlIsMissing(): boolean {
  try {
    execFileSync('kubectl', ['kustomize', '--help'], { stdio: 'ignore' })
    return false
  } catch {
    return process.env.CI !== 'true'
  }
}
