import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findKustomize, type KustomizeSettings } from '../../../src/adapters/kustomize/find-kustomize.ts'
import type { Kustomize } from '../../../src/ports.ts'
import { configMap, kustomize, NEVER, reason, SETTINGS, write } from './real-kustomize.ts'

let root: string
let log: string[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kustomize-'))
  log = []
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

/** A `kustomize` of our own making, for what the real one can't be brought to do. */
async function scripted(build: string, settings: Partial<KustomizeSettings> = {}): Promise<Kustomize> {
  write(root, {
    'bin/kustomize': `#!/bin/sh\nif [ "$1" = version ]; then echo v5.9.9; exit; fi\n${build}\n`,
    'k8s/kustomization.yaml': '',
  })
  chmodSync(join(root, 'bin/kustomize'), 0o755)
  return await findKustomize({ ...SETTINGS, path: join(root, 'bin'), ...settings }, NEVER)
}

const built = (tool: Kustomize | null, folder = 'k8s', signal = NEVER) =>
  tool === null ? Promise.reject(new Error('no tool')) : tool.build(root, folder, (line) => log.push(line), signal)

/** Gives the tool's temporary folders a place of their own, to see whether any is left. */
function temporaryFolder(): string {
  const folder = join(root, 'temporary')
  mkdirSync(folder)
  vi.stubEnv('TMPDIR', folder)
  return folder
}

describe('the tool', () => {
  it.skipIf(kustomize === null)(`is found with its version${reason}`, () => {
    expect(kustomize?.version).toMatch(/^(kustomize|kubectl with kustomize) v\d+\.\d+\.\d+/)
  })

  it('is kustomize where both are there', async () => {
    write(root, { 'bin/kubectl': '#!/bin/sh\nexit 1\n' })
    chmodSync(join(root, 'bin/kubectl'), 0o755)
    expect((await scripted('')).version).toBe('kustomize v5.9.9')
  })

  it('is kubectl where kustomize can not be used', async () => {
    write(root, {
      'bin/kustomize': '#!/bin/sh\necho broken >&2; exit 1\n',
      'bin/kubectl':
        '#!/bin/sh\nif [ "$1" = version ]; then echo \'{"kustomizeVersion": "v5.5.0"}\'; else echo "$@"; fi\n',
      'k8s/kustomization.yaml': '',
    })
    chmodSync(join(root, 'bin/kustomize'), 0o755)
    chmodSync(join(root, 'bin/kubectl'), 0o755)
    const tool = await findKustomize({ ...SETTINGS, path: join(root, 'bin') }, NEVER)
    expect(tool.version).toBe('kubectl with kustomize v5.5.0')
    expect(await built(tool)).toBe('kustomize ./k8s\n')
  })

  it('is missing with a sentence that says how to install it', async () => {
    await expect(findKustomize({ ...SETTINGS, path: join(root, 'bin') }, NEVER)).rejects.toMatchObject({
      name: 'KustomizeMissing',
      message: expect.stringMatching(
        /found neither kustomize nor kubectl\. Install one .*"Installation".*"Install Tools"/,
      ),
    })
  })

  it('that is there and does not work is named', async () => {
    write(root, { 'bin/kustomize': '#!/bin/sh\necho "no such instruction" >&2; exit 1\n' })
    chmodSync(join(root, 'bin/kustomize'), 0o755)
    const finding = findKustomize({ ...SETTINGS, path: join(root, 'bin') }, NEVER)
    await expect(finding).rejects.toThrow('kustomize failed with exit code 1: no such instruction')
  })
})

describe('the folder to render', () => {
  const folderOf = async (wanted: string | null, files: Readonly<Record<string, string>>) => {
    const tool = await scripted('')
    rmSync(join(root, 'k8s'), { recursive: true })
    write(root, files)
    return await tool.folderOf(root, wanted)
  }

  it.each([
    [
      'the first of the convention',
      null,
      { 'k8s/kustomization.yaml': '', 'k8s/overlays/preview/kustomization.yml': '' },
      'k8s/overlays/preview',
    ],
    [
      'a later one where the first has no kustomization',
      null,
      { '.k8s/Kustomization': '', 'k8s/deployment.yaml': '' },
      '.k8s',
    ],
    ['the configured one', 'deploy/x', { 'k8s/kustomization.yaml': '', 'deploy/x/kustomization.yaml': '' }, 'deploy/x'],
    ['the root', '.', { 'k8s/kustomization.yaml': '', 'kustomization.yaml': '' }, '.'],
  ])('is %s', async (_, wanted, files, folder) => {
    expect(await folderOf(wanted, files)).toBe(folder)
  })

  it.each([
    [
      'says what was looked for',
      null,
      { 'k8s/a.yaml': '' },
      'Looked for kustomization.yaml, kustomization.yml, Kustomization in k8s/overlays/preview, k8s, .k8s. Where it is elsewhere, set `folder` for this app under `apps` in westage.yaml',
    ],
    [
      'says what was configured',
      'deploy',
      { 'k8s/kustomization.yaml': '' },
      "No kustomization was found in deploy, which is this app's `folder`",
    ],
    [
      'refuses two in one folder',
      null,
      { 'k8s/kustomization.yaml': '', 'k8s/kustomization.yml': '' },
      'k8s has kustomization.yaml and kustomization.yml',
    ],
  ])('%s', async (_, wanted, files, message) => {
    await expect(folderOf(wanted, files)).rejects.toMatchObject({
      name: 'Terminal',
      whose: 'author',
      message: expect.stringContaining(message),
    })
  })

  it('is not one behind a link that leaves the repo', async () => {
    const tool = await scripted('')
    symlinkSync(join(root, 'k8s'), join(root, 'outside'))
    await expect(tool.folderOf(root, 'outside')).rejects.toThrow('No kustomization was found in outside')
  })
})

describe.skipIf(kustomize === null)(`what kustomize says${reason}`, () => {
  it('is the manifests of an overlay over its base', async () => {
    write(root, {
      'k8s/overlays/preview/kustomization.yaml': 'resources: [../../base]\nnamePrefix: p-',
      'k8s/base/kustomization.yaml': 'resources: [a.yaml]',
      'k8s/base/a.yaml': configMap('a'),
    })
    expect(await built(kustomize, 'k8s/overlays/preview')).toBe(configMap('p-a'))
    expect(log).toEqual([])
  })

  it('is the root of the repo for "."', async () => {
    write(root, { 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': configMap('a') })
    expect(await built(kustomize, '.')).toBe(configMap('a'))
  })

  it('is local for a folder that looks like a git address', async () => {
    write(root, { 'github.com/a/b/kustomization.yaml': 'resources: [a.yaml]', 'github.com/a/b/a.yaml': configMap('a') })
    expect(await built(kustomize, 'github.com/a/b')).toBe(configMap('a'))
  })

  it('is logged where it warns', async () => {
    write(root, { 'k8s/kustomization.yaml': 'resources: [a.yaml]\ncommonLabels: {a: b}', 'k8s/a.yaml': configMap('a') })
    await built(kustomize)
    expect(log).toEqual([expect.stringContaining("# Warning: 'commonLabels' is deprecated")])
  })

  const cases: [what: string, files: Record<string, string>, message: string | RegExp][] = [
    [
      'a file that is missing',
      { 'k8s/kustomization.yaml': 'resources: [nope.yaml]' },
      "k8s: 'k8s/nope.yaml' does not exist",
    ],
    ['a base that is missing', { 'k8s/kustomization.yaml': 'resources: [../base]' }, "k8s: 'base' does not exist"],
    [
      'a resource that is no YAML',
      { 'k8s/kustomization.yaml': 'resources: [a.yaml]', 'k8s/a.yaml': `${configMap('a')} data: b\n` },
      /^k8s\/a\.yaml: MalformedYAMLError: yaml: line \d+: .*/,
    ],
    [
      'the same below a base',
      {
        'k8s/kustomization.yaml': 'resources: [../b]',
        'b/kustomization.yaml': 'resources: [../c]',
        'c/kustomization.yaml': 'resources: [a.yaml]',
        'c/a.yaml': `${configMap('a')} data: b\n`,
      },
      /^c\/a\.yaml: MalformedYAMLError: yaml: line \d+: .*/,
    ],
    [
      'an object without a name',
      { 'k8s/kustomization.yaml': 'resources: [a.yaml]', 'k8s/a.yaml': 'apiVersion: v1\nkind: ConfigMap\n' },
      /^k8s\/a\.yaml: missing metadata\.name in object/,
    ],
    [
      'an object that stands twice',
      {
        'k8s/kustomization.yaml': 'resources: [a.yaml, b.yaml]',
        'k8s/a.yaml': configMap('a'),
        'k8s/b.yaml': configMap('a'),
      },
      /^k8s\/b\.yaml: may not add resource with an already registered id: ConfigMap/,
    ],
    [
      'a field that nobody knows',
      { 'k8s/kustomization.yaml': 'resource: [a.yaml]' },
      'k8s: invalid Kustomization: json: unknown field "resource"',
    ],
    [
      'the same in a base',
      { 'k8s/kustomization.yaml': 'resources: [../b]', 'b/kustomization.yaml': 'resource: [a.yaml]' },
      /^b: invalid Kustomization: json: unknown field "resource"$/,
    ],
    ['a kustomization that is empty', { 'k8s/kustomization.yaml': '' }, 'k8s: kustomization.yaml is empty'],
    [
      'a patch without a target',
      {
        'k8s/kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: p.yaml}]',
        'k8s/a.yaml': configMap('a'),
        'k8s/p.yaml': configMap('z'),
      },
      /^k8s: no resource matches strategic merge patch .*z/,
    ],
    [
      'a patch that is missing',
      { 'k8s/kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: p.yaml}]', 'k8s/a.yaml': configMap('a') },
      "k8s: PatchTransformer: failed to get the patch file from path(p.yaml): 'k8s/p.yaml' does not exist",
    ],
    [
      'a file outside of its kustomization',
      { 'k8s/kustomization.yaml': 'resources: [../a.yaml]', 'a.yaml': configMap('a') },
      "a.yaml: security; file 'a.yaml' is not in or below 'k8s'",
    ],
    [
      'a file of a ConfigMap that is missing',
      { 'k8s/kustomization.yaml': 'configMapGenerator: [{name: a, files: [x.txt]}]' },
      /^k8s: loading KV pairs: file sources: \[x\.txt\]: 'k8s\/x\.txt' does not exist/,
    ],
    [
      'a component that is none',
      {
        'k8s/kustomization.yaml': 'components: [../b]',
        'b/kustomization.yaml': 'resources: [a.yaml]',
        'b/a.yaml': configMap('a'),
      },
      /^k8s: expected kind 'Component' for path 'b' but got 'Kustomization'/,
    ],
    [
      'a fault in a component',
      {
        'k8s/kustomization.yaml': 'components: [../b]',
        'b/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]',
      },
      /^b: 'b\/a\.yaml' does not exist$/,
    ],
  ]
  it.each(cases)('is short and names the file: %s', async (_, files, message) => {
    write(root, files)
    const error = await built(kustomize).catch((error) => error)
    expect(error).toMatchObject({ name: 'Terminal', whose: 'author' })
    if (typeof message === 'string') expect(error.message).toBe(message)
    else expect(error.message).toMatch(message)
    expect(error.details.length).toBeGreaterThan(0)
    expect(`${error.message} ${error.details.join(' ')}`).not.toContain(tmpdir())
  })
})

describe('a run of the tool', () => {
  it('sees nothing of our environment, and its home is gone afterwards', async () => {
    vi.stubEnv('WESTAGE_WEBHOOK_SECRET', 'secret')
    const temporary = temporaryFolder()
    const output = await built(await scripted('/usr/bin/env; echo x > "$HOME/left"; pwd'))
    expect(output).not.toContain('WESTAGE')
    const [, home = ''] = /^HOME=(.*)$/m.exec(output) ?? []
    expect(home).toContain(temporary)
    expect(existsSync(home)).toBe(false)
    expect(readdirSync(temporary)).toEqual([])
  })

  it('is stopped when it takes too long', async () => {
    const tool = await scripted('/bin/sleep 60', { timeoutMs: 300 })
    await expect(built(tool)).rejects.toMatchObject({
      name: 'Terminal',
      message: 'k8s: kustomize took longer than 0.3 s, and was stopped',
    })
  })

  it('is stopped when it writes too much', async () => {
    const tool = await scripted('while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done', {
      maxOutputBytes: 1_000_000,
    })
    await expect(built(tool)).rejects.toMatchObject({
      name: 'Terminal',
      message: 'k8s: kustomize made more than 1 MB of manifests, and was stopped',
    })
  })

  it.skipIf(kustomize === null || process.platform !== 'linux')(
    `is stopped when it needs too much memory${reason}`,
    async () => {
      const text = `${'x'.repeat(1000)}\n`.repeat(900)
      const files = Array.from({ length: 40 }, (_, at) => `f${at}`)
      write(root, {
        'k8s/kustomization.yaml': `configMapGenerator:\n${files.map((name) => `- {name: ${name}, files: [${name}]}\n`).join('')}`,
        ...Object.fromEntries(files.map((name) => [`k8s/${name}`, text])),
      })
      const tool = await findKustomize({ ...SETTINGS, maxMemoryMb: 100 }, NEVER)
      await expect(built(tool)).rejects.toMatchObject({
        name: 'Terminal',
        message: 'k8s: kustomize needed more than 100 MB of memory, and was stopped',
      })
    },
  )

  it('is not the fault of the author when something else kills it', async () => {
    await expect(built(await scripted('kill -KILL $$'))).rejects.toMatchObject({ name: 'ToolFailed' })
  })

  it('ends within a second of an abort, with nothing left', async () => {
    const tool = await scripted('echo $$ > pid; trap "" TERM; while :; do /bin/sleep 60; done')
    const temporary = temporaryFolder()
    const controller = new AbortController()
    const running = built(tool, 'k8s', controller.signal).catch((error) => error)
    await vi.waitFor(() => expect(readFileSync(join(root, 'pid'), 'utf8')).toMatch(/\n/))
    const abortedAtMs = performance.now()
    controller.abort(new Error('newer'))
    expect(await running).toMatchObject({ message: 'newer' })
    expect(performance.now() - abortedAtMs).toBeLessThan(1000)
    expect(readdirSync(temporary)).toEqual([])
    const pid = Number(readFileSync(join(root, 'pid'), 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
