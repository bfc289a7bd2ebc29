/** `westage check-gitops`, as the workflow of a GitOps repo runs it. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { load } from 'js-yaml'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { folderFilesOf } from '../../src/manifests/compose.ts'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { previewOf } from '../manifests/preview-sample.ts'
import { manifestsOf, targetOf, wholeOf } from '../manifests/sample.ts'
import { builtCommand, type Command, type Ended } from './built-command.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TEMPLATE = join(ROOT, 'gitops-template')
const [SHOP, OTHER] = ['previews/shop/pr-7', 'previews/shop/pr-8']
const APP_YAML = readFileSync(join(ROOT, 'test/manifests/golden/shop.yaml'), 'utf8')

const WorkflowSchema = z.object({
  jobs: z.object({ previews: z.object({ steps: z.array(z.object({ run: z.string().optional() })) }) }),
})

const temporary = await ownTemporaryFolder()
let command: Command
let repo: string
beforeAll(async () => {
  command = await builtCommand()
})
afterAll(() => temporary.close())

/** A repo as WeStage leaves it: the template, with the previews of two pull requests of one app. */
beforeEach(() => {
  repo = mkdtempSync(join(temporary.path, 'repo-'))
  cpSync(TEMPLATE, repo, { recursive: true })
  for (const [pull, slug] of [
    [7, 'feat-cart'],
    [8, 'feat-pay'],
  ] as const) {
    const own = { slug, namespace: `westage-shop-${slug}` }
    const target = targetOf({ ...own, pull: { ...targetOf().pull, number: pull } })
    const { files, hosts, url } = wholeOf(manifestsOf(APP_YAML), target)
    const preview = previewOf({ ...own, hosts, url, pull: { ...previewOf().pull, number: pull } })
    for (const [file, text] of folderFilesOf(files, preview)) write(`previews/shop/pr-${pull}/${file}`, text)
  }
})
afterEach(() => rmSync(repo, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(repo, path)), { recursive: true })
  writeFileSync(join(repo, path), text)
}

function change(path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(join(repo, path), 'utf8')
  const after = before.replace(from, to)
  if (after === before) throw new Error(`${path} has no ${from}`)
  write(path, after)
}

const remove = (path: string) => rmSync(join(repo, path), { recursive: true })
const manifest = (apiVersion: string, kind: string, rest: object = {}) =>
  JSON.stringify({ apiVersion, kind, metadata: { name: 'extra', namespace: 'westage-shop-feat-cart' }, ...rest })
const check = (dir = repo): Promise<Ended> => command.run(['check-gitops', dir])
const linesOf = ({ stdout }: Ended) => stdout.trimEnd().split('\n')

describe('westage check-gitops', () => {
  it('finds nothing wrong in the template', async () => {
    const ended = await check(TEMPLATE)
    expect(ended).toEqual({ code: 0, stdout: '0 previews of 0 apps, 0 manifests: no faults\n', stderr: '' })
  })

  it('finds nothing wrong in what WeStage writes, nor in a repo with previews of several apps', async () => {
    expect(await check()).toMatchObject({ code: 0, stdout: '2 previews of 1 app, 18 manifests: no faults\n' })
  })

  it('is what the template’s workflow ends with, and the workflow says which variables it lacks', async () => {
    const { jobs } = WorkflowSchema.parse(load(readFileSync(join(TEMPLATE, '.github/workflows/check.yaml'), 'utf8')))
    const scripts = jobs.previews.steps.flatMap(({ run }) => run ?? [])
    const runStep = (at: number, env: Readonly<Record<string, string>>) => {
      const shim = `npx() { [ "$1" = westage ] && shift && "${process.execPath}" "${command.bin}" "$@"; }`
      return spawnSync('sh', ['-ec', `${shim}\n${scripts.at(at)}`], { env, encoding: 'utf8' })
    }
    renameSync(repo, `${repo}-workspace`)
    mkdirSync(repo)
    renameSync(`${repo}-workspace`, join(repo, 'gitops'))
    const env = { GITHUB_WORKSPACE: repo, WESTAGE_REPOSITORY: 'acme/westage', WESTAGE_REF: 'main' }
    expect(runStep(0, env)).toMatchObject({ status: 0, stdout: '' })
    const { WESTAGE_REF: _, ...less } = env
    expect(runStep(0, less)).toMatchObject({ status: 1, stdout: expect.stringContaining('WESTAGE_REF') })
    expect(runStep(-1, env)).toMatchObject({ status: 0, stdout: expect.stringContaining('no faults') })
    rmSync(join(repo, 'gitops', SHOP, 'preview.yaml'))
    expect(runStep(-1, env)).toMatchObject({ status: 1, stdout: expect.stringContaining('1 fault') })
  })

  it('takes the folder it is run in where none is named, and any other file there is the operators’ own', async () => {
    write('docs/quota.yaml', 'a: [')
    write('preview.yaml', 'nothing of ours')
    const here = await command.run(['check-gitops'], {})
    expect(here.stderr).toContain('. is not a GitOps repo')
    expect((await check()).code).toBe(0)
  })

  it.each<[string, () => void, RegExp]>([
    ['a preview.yaml that is no YAML', () => write(`${SHOP}/preview.yaml`, 'a: ['), /pr-7\/preview\.yaml: line [12]: /],
    [
      'a preview.yaml that its schema does not take',
      () => change(`${SHOP}/preview.yaml`, /^sha: .*$/m, 'sha: main'),
      /pr-7\/preview\.yaml: sha: .* revert the commit/,
    ],
    [
      'a preview.yaml with a key of Argo CD’s own',
      () => change(`${SHOP}/preview.yaml`, /$/, 'path: /etc\n'),
      /pr-7\/preview\.yaml: .*"path"/,
    ],
    ['a folder without preview.yaml', () => remove(`${SHOP}/preview.yaml`), /pr-7\/preview\.yaml: is missing/],
    ['a folder without manifests', () => remove(`${SHOP}/manifests`), /pr-7\/manifests: has no manifest/],
    [
      'a folder of another pull request',
      () => renameSync(join(repo, SHOP), join(repo, 'previews/shop/pr-9')),
      /pr-9\/preview\.yaml: is the preview of previews\/shop\/pr-7: move it there/,
    ],
    [
      'a folder of another app',
      () => {
        mkdirSync(join(repo, 'previews/web'))
        renameSync(join(repo, SHOP), join(repo, 'previews/web/pr-7'))
      },
      /web\/pr-7\/preview\.yaml: is the preview of previews\/shop\/pr-7/,
    ],
    [
      'a namespace that is not the preview’s',
      () => change(`${SHOP}/preview.yaml`, /^slug: .*$/m, 'slug: other'),
      /pr-7\/preview\.yaml: the namespace is westage-shop-feat-cart: .* westage-shop-other/,
    ],
    [
      'a manifest of another namespace',
      () => change(`${SHOP}/manifests/service-web.yaml`, /namespace: .*/, 'namespace: kube-system'),
      /service-web\.yaml: Service\/web is in the namespace kube-system/,
    ],
    [
      'a Namespace that is not its own',
      () => write(`${SHOP}/manifests/ns.yaml`, '{ apiVersion: v1, kind: Namespace, metadata: { name: kube-system } }'),
      /ns\.yaml: Namespace\/kube-system is not the preview's own/,
    ],
    [
      'no Namespace',
      () => remove(`${SHOP}/manifests/namespace-westage-shop-feat-cart.yaml`),
      /pr-7\/manifests: has no Namespace\/westage-shop-feat-cart/,
    ],
    [
      'a cluster-scoped object',
      () => write(`${SHOP}/manifests/role.yaml`, manifest('rbac.authorization.k8s.io/v1', 'ClusterRole')),
      /role\.yaml: ClusterRole\/extra is outside of every namespace: remove it/,
    ],
    [
      'a kind that the AppProject forbids',
      () => write(`${SHOP}/manifests/quota.yaml`, manifest('v1', 'ResourceQuota')),
      /quota\.yaml: ResourceQuota\/extra sets rules for the namespace/,
    ],
    [
      'an object twice',
      () => cpSync(join(repo, SHOP, 'manifests/service-web.yaml'), join(repo, SHOP, 'manifests/web-copy.yaml')),
      /web-copy\.yaml: has Service\/web, as service-web\.yaml has/,
    ],
    [
      'a manifest that is none',
      () => write(`${SHOP}/manifests/list.yaml`, '- a\n'),
      /list\.yaml: document 1 of the file is a list, not an object: revert/,
    ],
    ['an empty manifest', () => write(`${SHOP}/manifests/empty.yaml`, ''), /empty\.yaml: the file has no objects/],
    [
      'an Ingress for a host that is not its own',
      () =>
        write(
          `${SHOP}/manifests/ingress.yaml`,
          manifest('networking.k8s.io/v1', 'Ingress', { spec: { rules: [{ host: 'shop.example.com' }] } }),
        ),
      /ingress\.yaml: Ingress\/extra answers for shop\.example\.com: add it to hosts/,
    ],
    [
      'a file that Argo CD does not apply',
      () => write(`${SHOP}/manifests/web.jsonnet`, '{}'),
      /web\.jsonnet: is not a \.yaml file/,
    ],
    [
      'a folder below manifests',
      () => write(`${SHOP}/manifests/more/a.yaml`, manifest('v1', 'ConfigMap')),
      /manifests\/more: is not a \.yaml file/,
    ],
    ['a file beside preview.yaml', () => write(`${SHOP}/notes.md`, ''), /notes\.md: is not preview\.yaml or manifests/],
    ['a file in no preview’s folder', () => write('previews/a.yaml', ''), /a\.yaml: is in no preview’s folder/],
    ['a folder that is no app', () => write('previews/Shop/pr-1/preview.yaml', ''), /Shop: is not the name of an app/],
    [
      'a folder that is no pull request',
      () => write('previews/shop/main/preview.yaml', ''),
      /main: is not a preview’s folder/,
    ],
    [
      'a link',
      () => symlinkSync('/etc/hostname', join(repo, SHOP, 'manifests/link.yaml')),
      /link\.yaml: is not a \.yaml file/,
    ],
    [
      'a link to a folder',
      () => symlinkSync(join(repo, SHOP), join(repo, 'previews/shop/pr-9')),
      /pr-9: is not a preview’s folder/,
    ],
    [
      'an app of two repos',
      () => change(`${OTHER}/preview.yaml`, 'id: 42', 'id: 43'),
      /pr-8\/preview\.yaml: the app shop is previewed from acme\/shop too/,
    ],
  ])('names %s in one line', async (_, spoil, line) => {
    spoil()
    const ended = await check()
    expect(ended).toMatchObject({ code: 1, stderr: '' })
    const [fault, summary, ...more] = linesOf(ended)
    expect(fault).toMatch(line)
    expect(fault).toMatch(/^previews\/[^:]+: \S/)
    expect(summary).toMatch(/: 1 fault$/)
    expect(more).toEqual([])
  })

  it.each([
    [
      'that every app gets',
      'common/db.yaml',
      'a: [',
      /^common: common\/db\.yaml can't be read: line [12]: .*not updated$/,
    ],
    ['of one app', 'common/shop/db.yaml', '- a', /^common: document 1 of common\/shop\/db\.yaml is a list/],
  ])('names a file of common/ %s that can’t be read', async (_, path, text, line) => {
    write(path, text)
    const ended = await check()
    expect(ended.code).toBe(1)
    expect(linesOf(ended)).toEqual([expect.stringMatching(line), expect.stringMatching(/: 1 fault$/)])
  })

  it('takes manifests in common/ for what they are, whatever lies beside them', async () => {
    write('common/README.md', '# a: [')
    write('common/shop/db.yaml', manifest('external-secrets.io/v1', 'ExternalSecret'))
    write('common/shop/more/db.yaml', 'a: [')
    expect((await check()).code).toBe(0)
  })

  it('names every namespace and host that two previews have', async () => {
    const [from, to] = [`${SHOP}/preview.yaml`, `${OTHER}/preview.yaml`]
    write(to, readFileSync(join(repo, from), 'utf8').replace('number: 7', 'number: 8'))
    const lines = linesOf(await check())
    const { hosts } = previewOf()
    expect(hosts).not.toEqual([])
    const taken = lines.filter(
      (line) => line.startsWith(to) && line.endsWith("is previews/shop/pr-7's: remove one of them"),
    )
    expect(taken.map((line) => /the (\w+) \S+ is/.exec(line)?.[1])).toEqual(
      expect.arrayContaining(['namespace', 'host']),
    )
  })

  it('names every wildcard that two previews have, and those that preview.yaml does not name', async () => {
    const rule = { spec: { rules: [{ host: '*.feat-cart-shop.test' }] } }
    write(`${SHOP}/manifests/ingress.yaml`, manifest('networking.k8s.io/v1', 'Ingress', rule))
    expect(linesOf(await check()).join('\n')).toContain(
      'Ingress/extra answers for *.feat-cart-shop.test: add it to wildcards in preview.yaml, or remove it',
    )
    for (const folder of [SHOP, OTHER]) {
      const text = readFileSync(join(repo, folder, 'preview.yaml'), 'utf8')
      write(`${folder}/preview.yaml`, text.replace('wildcards: []', "wildcards: ['*.feat-cart-shop.test']"))
    }
    expect(linesOf(await check()).filter((line) => line.includes('*.feat-cart-shop.test'))).toEqual([
      expect.stringMatching(/the host \*\.feat-cart-shop\.test is previews\/\S+'s: remove one of them/),
    ])
  })

  it('keeps each fault in its line, whatever a file is called', async () => {
    write('previews/a\n::error::b\u001b[2J', '')
    const ended = await check()
    expect(linesOf(ended)).toHaveLength(2)
    expect(ended.stdout).not.toContain('\u001b')
  })

  it('says that a folder is not a GitOps repo, or is not there', async () => {
    const nowhere = join(repo, 'nowhere')
    expect(await check(nowhere)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is not a folder'),
    })
    const other = await check(join(repo, 'previews'))
    expect(other).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is not a GitOps repo') })
    expect(other.stderr.trim().split('\n')).toHaveLength(1)
  })
})
