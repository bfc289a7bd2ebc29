/** `westage render`, as a person runs it: the built command, a real kustomize, files and nothing else. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { kustomize, reason } from '../adapters/kustomize/real-kustomize.ts'
import { builtCommand, type Command } from './built-command.ts'

const SHOP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: acme/shop, ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
`

const temporary = await ownTemporaryFolder()
let command: Command
let repo: string
beforeAll(async () => {
  command = await builtCommand()
})
afterAll(() => temporary.close())

beforeEach(() => {
  repo = mkdtempSync(join(temporary.path, 'repo-'))
  write(repo, 'k8s/kustomization.yaml', 'resources: [app.yaml]\n')
  write(repo, 'k8s/app.yaml', SHOP)
})

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const PULL = ['--app', 'shop', '--branch', 'feat/cart', '--pr', '7']
const render = (...more: readonly string[]) => command.run(['render', repo, ...PULL, ...more])

/** The stream taken apart at its comments: path -> text. */
const filesIn = (stdout: string): ReadonlyMap<string, string> =>
  new Map(
    stdout
      .split(/^(?:---\n)?# (?=previews\/)/m)
      .slice(1)
      .map((part): [string, string] => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  )

/** A GitOps repo that holds what was rendered. */
function gitopsWith(stdout: string): string {
  const gitops = mkdtempSync(join(temporary.path, 'gitops-'))
  for (const [path, text] of filesIn(stdout)) write(gitops, path, text)
  return gitops
}

describe.skipIf(kustomize === null)(`westage render${reason}`, () => {
  it('prints the preview as it would be committed, file by file', async () => {
    const { code, stdout } = await render()
    expect(code).toBe(0)
    const files = filesIn(stdout)
    expect([...files.keys()][0]).toBe('previews/shop/pr-7/preview.yaml')
    expect(files.get('previews/shop/pr-7/preview.yaml')).toContain('namespace: westage-shop-feat-cart\n')
    expect([...files.keys()]).toContain('previews/shop/pr-7/manifests/resourcequota-westage.yaml')
    expect([...files.keys()].filter((path) => path.includes('deployment-')).length).toBeGreaterThan(0)
  })

  it('renders a kustomize folder of a repo, of the nearest one with .git or of that which is named', async () => {
    const outside = mkdtempSync(join(temporary.path, 'outside-'))
    write(outside, 'base/kustomization.yaml', 'resources: [app.yaml]\n')
    write(outside, 'base/app.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: only}\n')
    write(outside, 'overlays/other/kustomization.yaml', 'resources: [../../base]\n')
    const other = join(outside, 'overlays/other')
    const of = (...more: string[]) => command.run(['render', other, ...PULL, ...more])
    expect(await of()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/--root/) })
    expect(await of('--root', outside)).toMatchObject({ code: 0, stdout: expect.stringContaining('name: only') })
    expect(await of('--root', repo)).toMatchObject({ code: 2, stderr: expect.stringContaining('does not lie in') })
    write(outside, '.git/HEAD', 'ref: refs/heads/main\n')
    expect(await of()).toMatchObject({ code: 0, stdout: expect.stringContaining('name: only') })
  })

  it('is the same every time', async () => {
    const [first, second] = [await render(), await render()]
    expect(first).toEqual(second)
  })

  it('finds no difference to what was committed, and then only the one that was made', async () => {
    const gitops = gitopsWith((await render('--repo', 'acme/shop')).stdout)
    expect(await render('--diff', gitops)).toMatchObject({ code: 0, stdout: '' })
    expect(await render('--diff', join(gitops, 'previews/shop/pr-7'))).toMatchObject({ code: 0, stdout: '' })
    write(repo, 'k8s/more.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: "1"}\n')
    write(repo, 'k8s/kustomization.yaml', 'resources: [app.yaml, more.yaml]\n')
    const { code, stdout } = await render('--diff', gitops)
    expect(code).toBe(3)
    expect(stdout.match(/^diff --git .*$/gm)).toHaveLength(1)
    expect(stdout).toContain('+++ rendered/manifests/configmap-more.yaml\n')
    expect(stdout).not.toMatch(/^-(?!--)/m)
  })

  it('compares a preview that is not there yet with nothing', async () => {
    const gitops = mkdtempSync(join(temporary.path, 'gitops-'))
    mkdirSync(join(gitops, 'previews'))
    const { code, stdout } = await render('--diff', gitops)
    expect(code).toBe(3)
    expect(stdout).toContain('+++ rendered/preview.yaml\n')
  })

  it('keeps the slug that was committed, whatever the branch is called now', async () => {
    const gitops = gitopsWith((await render()).stdout)
    const { stdout } = await command.run([
      'render',
      repo,
      '--app',
      'shop',
      '--branch',
      'x',
      '--pr',
      '7',
      '--diff',
      gitops,
    ])
    expect(stdout).toContain('+  branch: x\n')
    expect(stdout).not.toMatch(/^[-+]slug:/m)
  })

  it('puts the operators’ own beside the app’s objects, from the repo it is compared with or from where it is told', async () => {
    const gitops = gitopsWith((await render()).stdout)
    write(gitops, 'common/pull.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: {name: pull}\n')
    expect((await render('--diff', gitops)).stdout).toContain('+++ rendered/manifests/secret-pull.yaml\n')
    expect((await render('--common', join(gitops, 'common'))).stdout).toContain('manifests/secret-pull.yaml\n')
  })

  it('explains what each transform changed, and why', async () => {
    const { code, stdout } = await render('--explain')
    expect(code).toBe(0)
    expect(stdout).toContain('namespace: Every preview has a namespace of its own.\n')
    expect(stdout).toMatch(/^ {2}Deployment\/\S+: metadata\.namespace: westage-shop-feat-cart/m)
  })

  it('says that the passwords of add-ons are nobody’s', async () => {
    const config = join(repo, 'westage.yaml')
    write(
      repo,
      'westage.yaml',
      'publicUrl: https://westage.acme.test\ngithub: {appId: 1}\ngitops: {url: https://git.test/gitops.git}\n' +
        'addons: {allowed: [redis]}\n',
    )
    write(repo, '.westage.yaml', 'addons: {redis: {}}\n')
    const { code, stdout, stderr } = await render('--config', config)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^# passwords of add-ons come from a text that is no secret/)
    expect(stderr).toContain('passwords of add-ons')
    expect(stdout).toContain('page: https://westage.acme.test/')
  })

  it('says which images would be built for nothing, and refuses two that would replace the same', async () => {
    write(repo, '.westage.yaml', 'images: { web: { image: acme/shop }, worker: {} }\n')
    const { code, stdout, stderr } = await render()
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('the image worker is built and not used: none is called shop-worker or worker'),
    })
    expect(stdout).toContain('image: acme/shop\n')
    write(repo, '.westage.yaml', 'images: { web: { image: acme/shop }, worker: { image: acme/shop } }\n')
    expect(await render()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('acme/shop would be replaced by two images of shop, web and worker'),
    })
  })

  it('ends with 1 where the author has to change something, and tells all of it', async () => {
    write(
      repo,
      'k8s/app.yaml',
      `${SHOP}
---
apiVersion: v1
kind: Pod
metadata: {name: agent}
spec:
  hostPID: true
  containers: [{name: agent, image: agent, securityContext: {privileged: true}}]
`,
    )
    const { code, stdout, stderr } = await render()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/Pod\/agent: .*\(rule privileged\)/)
    expect(stderr).toMatch(/Pod\/agent: .*\(rule host-namespaces\)/)
    expect(stderr).not.toContain('    at ')
  })

  it.each([
    ['a repo that is not there', () => command.run(['render', join(repo, 'nowhere'), ...PULL]), /nowhere is not there/],
    ['no app', () => command.run(['render', repo, '--branch', 'x', '--pr', '7']), /required option '--app <name>'/],
    [
      'a number that is none',
      () => command.run(['render', repo, '--app', 'shop', '--branch', 'x', '--pr', 'x']),
      /not a number/,
    ],
    [
      'a folder to compare with that is not there',
      () => render('--diff', join(repo, 'nowhere')),
      /nowhere is not there/,
    ],
    ['no such configuration', () => render('--config', join(repo, 'nowhere.yaml')), /there is no such file/],
    [
      'no kustomize',
      () => command.run(['render', repo, ...PULL], { PATH: '/nonexistent' }),
      /found neither kustomize nor kubectl/,
    ],
  ])('ends with 2 where it could not be tried: %s', async (_, run, words) => {
    const { code, stdout, stderr } = await run()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(words)
    expect(stderr).not.toContain('    at ')
  })

  it('names every fault of a configuration with its line', async () => {
    write(repo, 'westage.yaml', 'publicUrl: nowhere\nhosst: {}\n')
    const { code, stderr } = await render('--config', join(repo, 'westage.yaml'))
    expect(code).toBe(2)
    expect(stderr).toContain('westage.yaml:1: publicUrl')
    expect(stderr).toContain('westage.yaml:2: hosst')
  })
})
