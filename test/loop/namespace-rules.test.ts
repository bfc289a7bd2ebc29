/** What a pull request brings to set its namespace's rules, from its overlay to the GitOps repo. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { ROOT } from '../docs/written.ts'
import { git } from '../servers/git-cli.ts'
import { type Given, givenInstance } from './given.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())
let here: Given
afterEach(() => here.close())

const RULES = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open }
spec: { podSelector: {}, ingress: [{}] }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: plenty }
spec: { hard: { pods: "1000" } }
`

it('is left out, the run’s log says which, and what was committed is what check-gitops takes', async () => {
  here = await givenInstance()
  const pull = here.openPull('feat/pay', {
    'k8s/overlays/preview/rules.yaml': RULES,
    'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base, rules.yaml]\n',
  })
  await here.live(pull)
  const answer = await fetch(`${here.checkOf(pull)?.detailsUrl}/log`)
  const log = await answer.text()
  expect(log).toContain("the namespace's rules: NetworkPolicy/open: left out")
  expect(log).toContain("the namespace's rules: ResourceQuota/plenty: left out")

  const repo = join(temporary.path, 'gitops')
  await git(['clone', '--quiet', here.git.dir('gitops'), repo], { cwd: temporary.path })
  const files = await git(['ls-files', 'previews/shop'], { cwd: repo })
  expect(files).toContain('service-shop.yaml')
  expect(files).not.toMatch(/networkpolicy-open|resourcequota-plenty/)
  const args = ['--import', 'tsx', 'src/cli/westage.ts', 'check-gitops', repo]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT })
  expect(stdout).toMatch(/^1 preview of 1 app, \d+ manifests: no faults$/m)
})
