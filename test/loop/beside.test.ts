/** What a preview has beside its app's own manifests, and what it may not have: through the whole loop, kustomize real. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { git } from '../servers/git-cli.ts'
import { type Given, givenInstance, REPO } from './given.ts'

const MANIFESTS = 'previews/shop/pr-1/manifests'
const OVERLAY = 'k8s/overlays/preview/kustomization.yaml'

let here: Given
afterEach(() => here?.close())

/** An operator commits to the GitOps repo. */
async function committed(files: Readonly<Record<string, string>>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'operator-'))
  try {
    await git(['clone', '--quiet', here.git.dir('gitops'), 'clone'], { cwd: folder })
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, 'clone', path)), { recursive: true })
      await writeFile(join(folder, 'clone', path), text)
    }
    const cwd = join(folder, 'clone')
    await git(['add', '.'], { cwd })
    await git(['commit', '--quiet', '-m', 'For every preview'], { cwd })
    await git(['push', '--quiet', 'origin', 'HEAD'], { cwd })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const deployment = (spec: object) => ({
  'k8s/overlays/preview/worker.yaml': JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'worker' },
    spec: { selector: { matchLabels: { app: 'worker' } }, template: { metadata: { labels: { app: 'worker' } }, spec } },
  }),
  [OVERLAY]: 'resources: [../../base, worker.yaml]\n',
})

it('is what its .westage.yaml asks for of what the instance allows, with the files of the repo that fill it', async () => {
  here = await givenInstance({ settings: { addons: { allowed: ['mysql', 'redis'] } } })
  const pull = here.openPull('feat/pay', {
    '.westage.yaml': `folder: deploy
addons:
  mysql: { database: shop, seed: [db/schema.sql] }
  redis: { wait: true }
callbacks: [{ source: payments, path: /hooks/payments, missed: true }]
apps: { shpo: { image: shop } }
`,
    'db/schema.sql': 'create table orders (id int);\n',
    'deploy/kustomization.yaml': 'resources: [../k8s/base]\n',
  })
  await here.live(pull)
  expect(await here.file(`${MANIFESTS}/configmap-westage-mysql-seed.yaml`)).toContain('create table orders')
  expect(await here.file(`${MANIFESTS}/secret-westage-mysql.yaml`)).toMatch(/password: \w{32}/)
  const app = (await here.file(`${MANIFESTS}/deployment-shop.yaml`)) ?? ''
  for (const name of ['WESTAGE_MYSQL_URL', 'WESTAGE_MYSQL_DATABASE', 'WESTAGE_REDIS_URL', 'westage-wait']) {
    expect(app).toContain(`name: ${name}`)
  }
  expect(app).not.toMatch(/password: \w{32}/)
  const preview = await here.file('previews/shop/pr-1/preview.yaml')
  expect(preview).toMatch(
    /callbacks:\n.*source: payments\n.*path: \/hooks\/payments\n.*missed: true\n.*service:\n.*name: shop\n.*port: 80$/,
  )
  expect(here.checkOf(pull)?.output.text).toContain(', .westage.yaml')
  expect(here.checkOf(pull)?.output.text).toMatch(/apps\.shpo.*did you mean shop\?/)
})

it('is told to the author where .westage.yaml is wrong: line, key and the nearest right one', async () => {
  here = await givenInstance()
  const pull = here.openPull('feat/pay', { '.westage.yaml': 'dockerfile: Dockerfile\nfoldr: k8s\n' })
  await here.concluded(pull, 'failure')
  expect(here.checkOf(pull)?.output.title).toBe(
    'Failed in fetch: .westage.yaml:2: foldr: is not a setting; did you mean folder?',
  )
})

it('has guards in its namespace, and is refused with every breach of the policy at once', async () => {
  here = await givenInstance()
  const pull = here.openPull('feat/pay')
  await here.live(pull)
  for (const file of ['resourcequota-westage', 'limitrange-westage', 'networkpolicy-westage']) {
    expect(await here.file(`${MANIFESTS}/${file}.yaml`), file).toContain('namespace: westage-shop-feat-pay')
  }
  expect(await here.file(`${MANIFESTS}/namespace-westage-shop-feat-pay.yaml`)).toContain(
    'pod-security.kubernetes.io/enforce: baseline',
  )

  const spec = {
    hostPID: true,
    containers: [{ name: 'worker', image: 'worker', securityContext: { privileged: true } }],
    volumes: [{ name: 'root', hostPath: { path: '/' } }],
  }
  here.github.push(REPO, pull, deployment(spec))
  await here.concluded(pull, 'failure')
  const { title, summary, text } = here.checkOf(pull)?.output ?? { title: '', summary: '', text: '' }
  expect(title).toMatch(/^Failed in transform: the policy \(profile standard\) does not permit 3 things/)
  for (const words of ['hostPID', 'privileged', 'hostPath']) expect(text).toContain(words)
  expect(summary).toContain('policy.exemptions')
  expect(await here.file(`${MANIFESTS}/deployment-worker.yaml`)).toBeNull()
})

it('is told what it refers to and does not hold, until operators put it into common/', async () => {
  here = await givenInstance({ settings: { resync: '1s' } })
  const containers = [{ name: 'worker', image: 'worker', envFrom: [{ secretRef: { name: 'api' } }] }]
  const pull = here.openPull('feat/pay', deployment({ containers }))
  const words = 'Secret/api is missing: needed by Deployment/worker'
  await here.until(() => expect(here.checkOf(pull)?.output.text).toContain(words))
  const before = here.headOf(pull)
  await committed({
    'common/shop/api.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: { name: api }\nstringData: { key: x }\n',
  })
  await here.until(async () => expect(await here.file(`${MANIFESTS}/secret-api.yaml`)).toContain('key: x'))
  await here.live(pull)
  expect(here.headOf(pull)).toBe(before)
  expect(here.checkOf(pull)?.output.text).not.toContain('is missing')
})
