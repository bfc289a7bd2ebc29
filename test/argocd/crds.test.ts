/** Whether Argo CD's own definitions take what argocd/ makes; they come with the Go module that test/cluster/ pins. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { applicationTemplate } from '../servers/argocd-standin/application-template.ts'
import { faultsOf, type Schema, schemasIn } from './crd-schema.ts'
import { kubectlIsMissing, kustomized } from './kustomized.ts'
import { PREVIEW_YAML } from './preview-yaml.ts'

const crds = crdsFolder()
const reason = crds === null && process.env.CI !== 'true' ? ' (skipped: Argo CD’s Go module is not downloaded)' : ''

/** Where the module lies on this machine, null where it does not; nothing is downloaded. */
function crdsFolder(): string | null {
  const cwd = fileURLToPath(new URL('../cluster', import.meta.url))
  try {
    const args = ['list', '-m', '-f', '{{.Dir}}', 'github.com/argoproj/argo-cd/v3']
    const env = { ...process.env, GOPROXY: 'off', GOFLAGS: '-mod=readonly' }
    const folder = execFileSync('go', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return folder !== '' && existsSync(folder) ? join(folder, 'manifests/crds') : null
  } catch {
    return null
  }
}

const isSkipped = (crds === null || kubectlIsMissing()) && process.env.CI !== 'true'

describe.skipIf(isSkipped)(`what Argo CD’s API takes${reason}`, () => {
  const schemas = crds === null ? new Map<string, Schema>() : schemasIn(crds)
  const faults = (kind: string, object: unknown) => {
    const schema = schemas.get(kind)
    if (schema === undefined) throw new Error(`Argo CD defines no ${kind}`)
    return faultsOf(object, schema)
  }

  it.each([[[]], [['argocd-3.2']], [['apps']], [['argocd-3.2', 'apps']]])(
    'has nothing against argocd/ with the components %j',
    (components) => {
      const objects = kustomized({ components }).filter(({ kind }) => schemas.has(kind))
      expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(['AppProject', 'ApplicationSet']))
      for (const object of objects) expect(faults(object.kind, object)).toEqual([])
    },
  )

  it('has nothing against the Applications that the template makes', () => {
    const render = applicationTemplate({ gitUrl: 'https://git.test/previews.git', branch: 'main', instance: 'westage' })
    const { metadata, spec } = render('previews/shop/pr-7/preview.yaml', PREVIEW_YAML)
    const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec }
    expect(faults('Application', object)).toEqual([])
    expect(faults('Application', { ...object, spec: { ...spec, colour: 1 } })).toEqual([
      '.spec.colour: is not a known field',
    ])
  })
})
