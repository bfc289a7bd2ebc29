import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dump, load, loadAll } from 'js-yaml'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

const ObjectSchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })

function isMissing(): boolean {
  try {
    execFileSync('kubectl', ['kustomize', '--help'], { stdio: 'ignore' })
    return false
  } catch {
    return process.env.CI !== 'true'
  }
}

const dirs: string[] = []
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true })
})

/** argocd/ with another namespace of Argo CD, and with these components. */
function built(components: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'westage-argocd-'))
  dirs.push(dir)
  cpSync(new URL('../../../argocd', import.meta.url), dir, { recursive: true })
  const edit = (file: string, change: object) => {
    const before = z
      .looseObject({ data: z.looseObject({}).optional() })
      .parse(load(readFileSync(join(dir, file), 'utf8')))
    const data = 'data' in change ? { data: { ...before.data, ...Object(change.data) } } : {}
    writeFileSync(join(dir, file), dump({ ...before, ...change, ...data }))
  }
  edit('kustomization.yaml', { components })
  edit('settings.yaml', { data: { argocdNamespace: 'gitops-system' } })
  const output = execFileSync('kubectl', ['kustomize', dir], { encoding: 'utf8' })
  return loadAll(output).map((json) => ObjectSchema.parse(json))
}

const rightsOf = (objects: ReturnType<typeof built>) =>
  objects
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap(({ rules }) => z.array(z.object({ verbs: z.array(z.string()) })).parse(rules))
    .flatMap(({ verbs }) => verbs)

describe.skipIf(isMissing())('the right to nudge by annotations (needs kubectl)', () => {
  it('is not granted unless it is asked for', () => {
    expect(new Set(rightsOf(built([])))).toEqual(new Set(['get', 'list', 'watch']))
  })

  it("is patch, in Argo CD's namespace, and the API server takes nothing but annotations by it", () => {
    const objects = built(['nudge-by-annotations'])
    const named = objects.filter(({ metadata }) => metadata.name === 'westage-nudge')
    expect(named).toMatchObject([
      {
        kind: 'Role',
        metadata: { namespace: 'gitops-system' },
        rules: [{ apiGroups: ['argoproj.io'], resources: ['applications', 'applicationsets'], verbs: ['patch'] }],
      },
      {
        kind: 'RoleBinding',
        metadata: { namespace: 'gitops-system' },
        roleRef: { kind: 'Role', name: 'westage-nudge' },
        subjects: [{ kind: 'ServiceAccount', name: 'westage', namespace: 'westage' }],
      },
      { kind: 'ValidatingAdmissionPolicy', spec: { failurePolicy: 'Fail' } },
      {
        kind: 'ValidatingAdmissionPolicyBinding',
        spec: { policyName: 'westage-nudge', validationActions: ['Deny'] },
      },
    ])
    expect(JSON.stringify(named)).toContain('system:serviceaccount:westage:westage')
    expect(new Set(rightsOf(objects))).toEqual(new Set(['get', 'list', 'watch', 'patch']))
  })
})
