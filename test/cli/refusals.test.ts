/** What `westage` says where it can't begin: what to change, and nothing of its own insides. */
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { type Given, givenInstance } from '../loop/given.ts'
import { builtCommand, type Command, type Ended } from './built-command.ts'

const temporary = await ownTemporaryFolder()
let command: Command
let here: Given
beforeAll(async () => {
  ;[command, here] = await Promise.all([builtCommand(), givenInstance()])
  await here.stop()
})
afterAll(async () => {
  await here.close()
  await temporary.close()
})

/** Runs `serve` with a configuration that differs from one that works in this. */
async function serveWith(changes: object, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const file = join(temporary.path, 'westage.yaml')
  const settings: object = JSON.parse(await readFile(here.configFile, 'utf8'))
  await writeFile(file, JSON.stringify({ ...settings, ...changes }))
  return command.run(['serve', '--config', file], { ...here.secrets, ...env })
}

/** It ended with 1, and with so many lines that are for people. */
function saysIn(lines: number, { code, stderr }: Ended): string {
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
  expect(stderr).not.toMatch(/node:internal|Node\.js v\d/)
  expect(code).toBe(1)
  expect(stderr.trim().split('\n'), stderr).toHaveLength(lines)
  return stderr
}

describe('westage', () => {
  it('says what it can do', async () => {
    expect((await readFile(command.bin, 'utf8')).startsWith('#!/usr/bin/env node\n')).toBe(true)
    const { code, stdout } = await command.run(['--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: westage /)
    expect(stdout).toMatch(/^ +serve .*Run the service/m)
    const serve = await command.run(['serve', '--help'])
    expect(serve.code).toBe(0)
    expect(serve.stdout).toContain('--config <file>')
  })

  it('that is told nothing, or something that it does not know, says how it is used', async () => {
    expect(saysIn(1, await command.run(['serve']))).toContain('--config <file>')
    expect(saysIn(1, await command.run(['preview']))).toContain("unknown command 'preview'")
    expect(await command.run([])).toMatchObject({ code: 1, stderr: expect.stringContaining('Usage: westage') })
  })
})

describe('westage serve', () => {
  it('names every fault of its configuration and of its secrets at once, each in its own line', async () => {
    const changes = { publicUrl: 'nowhere', resync: 'soon', colour: 'red', builder: 'local' }
    const stderr = saysIn(6, await serveWith(changes, { WESTAGE_WEBHOOK_SECRET: '', WESTAGE_API_TOKEN: 'short' }))
    for (const fault of ['publicUrl: ', 'resync: ', 'colour: ', 'WESTAGE_WEBHOOK_SECRET: ', 'WESTAGE_API_TOKEN: ']) {
      expect(stderr).toContain(fault)
    }
    expect(stderr).not.toContain('short\n')
  })

  it('says of a wrong setting the file as it was given, the line, and the nearest right setting', async () => {
    const settings: object = JSON.parse(await readFile(here.configFile, 'utf8'))
    const file = join(temporary.path, 'typo.yaml')
    await writeFile(
      file,
      `# words\n${Object.entries(settings)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
        .join('\n')}\nbulider: none\n`,
    )
    const line = Object.keys(settings).length + 2
    const stderr = saysIn(2, await command.run(['serve', '--config', file], here.secrets))
    expect(stderr).toContain(`${file}:${line}: bulider: is not a setting; did you mean builder?`)
  })

  it('says which file it could not read', async () => {
    const missing = join(temporary.path, 'nothing.yaml')
    expect(saysIn(2, await command.run(['serve', '--config', missing], here.secrets))).toContain(missing)
    const broken = join(temporary.path, 'broken.yaml')
    await writeFile(broken, 'publicUrl: [\n')
    expect((await command.run(['serve', '--config', broken], here.secrets)).code).toBe(1)
  })

  it('says that its address is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(saysIn(1, await serveWith({ listen: { host: '127.0.0.1', port } }))).toContain(`127.0.0.1:${port}`)
    other.close()
  })

  it('says how to get kustomize where there is none', async () => {
    const empty = join(temporary.path, 'empty')
    await mkdir(empty)
    expect(saysIn(1, await serveWith({}, { PATH: empty }))).toMatch(/needs kustomize.*Install/)
  })

  it.each([
    {
      what: 'a private key that is none',
      changes: {},
      env: { WESTAGE_GITHUB_PRIVATE_KEY: 'PRIVATE KEY' },
      words: /key/,
    },
    {
      what: 'an App that is another one',
      changes: (app: object) => ({ github: { ...app, appId: 1 } }),
      env: {},
      words: /appId/,
    },
    {
      what: 'a kubeconfig that is not there',
      changes: { argocd: { kubeconfig: '/nothing' } },
      env: {},
      words: /\/nothing/,
    },
    {
      what: 'a context that it does not have',
      changes: (_: object, file: string | null) => ({ argocd: { kubeconfig: file, context: 'elsewhere' } }),
      env: {},
      words: /elsewhere/,
    },
    {
      what: 'a GitOps address with a password',
      changes: { gitops: { url: 'https://me:pass@example.com/gitops.git', auth: 'token' } },
      env: {},
      words: /gitops\.url/,
    },
    {
      what: 'a builder that is not there',
      changes: { builder: 'buildah', registry: { repository: '127.0.0.1:1/a' } },
      env: 'no buildah',
      words: /buildah/,
    },
    {
      what: 'a host resolver that is no address',
      changes: { hosts: { resolver: { address: 'there' } } },
      env: {},
      words: /there is not an address/,
    },
    { what: 'a data folder that is a file', changes: { dataDir: '/dev/null' }, env: {}, words: /\/dev\/null/ },
  ])('says in one line that it was given $what', async ({ changes, env, words }) => {
    const { github, argocd } = JSON.parse(await readFile(here.configFile, 'utf8'))
    const given = typeof changes === 'function' ? changes(github, argocd.kubeconfig) : changes
    const ended = await serveWith(given, typeof env === 'string' ? { PATH: await pathWithKustomizeOnly() } : env)
    const stderr = saysIn(1, ended)
    expect(stderr).toMatch(words)
    expect(stderr).not.toContain('pass@')
  })

  async function pathWithKustomizeOnly(): Promise<string> {
    const folder = join(temporary.path, 'only-kustomize')
    await mkdir(folder)
    await writeFile(join(folder, 'kustomize'), '#!/bin/sh\necho v5.0.0\n', { mode: 0o755 })
    return folder
  }
})

describe('westage check', () => {
  const check = async (settings: object = {}) => {
    const file = join(temporary.path, 'check.yaml')
    const own: { argocd: object } = JSON.parse(await readFile(here.configFile, 'utf8'))
    await writeFile(file, JSON.stringify({ ...own, argocd: { ...own.argocd, ...settings } }))
    return await command.run(['check', '--config', file], here.secrets)
  }
  afterEach(() => here.argocd.api.turn('up'))

  it('says what WeStage may do in its clusters', async () => {
    const { code, stdout, stderr } = await check()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const applications = 'applications.argoproj.io in namespace argocd'
    expect(stdout).toBe(`Argo CD: may list ${applications}, watch ${applications}\npreviews: may get /api, get /apis\n`)
  })

  it('shows no secret to a program that a kubeconfig names', async () => {
    const plugin = join(temporary.path, 'plugin.sh')
    const seen = join(temporary.path, 'seen')
    const kubeconfig = join(temporary.path, 'with-plugin')
    const { argocd } = JSON.parse(await readFile(here.configFile, 'utf8'))
    const own = load(await readFile(argocd.kubeconfig, 'utf8')) as {
      users: { name: string; user: { token: string } }[]
    }
    const apiVersion = 'client.authentication.k8s.io/v1'
    const credential = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: own.users[0]?.user })
    await writeFile(plugin, `#!/bin/sh\nenv >'${seen}'\necho '${credential}'\n`, { mode: 0o755 })
    const exec = { apiVersion, command: plugin, interactiveMode: 'Never' }
    const users = own.users.map(({ name }) => ({ name, user: { exec } }))
    await writeFile(kubeconfig, JSON.stringify({ ...own, users }))
    expect(await check({ kubeconfig })).toMatchObject({ code: 0, stderr: '' })
    const environment = await readFile(seen, 'utf8')
    expect(environment).toContain('PATH=')
    for (const secret of Object.keys(here.secrets)) expect(environment).not.toContain(secret)
  })

  it('names each right that is lacking, and ends with 1', async () => {
    here.argocd.api.turn('read-only')
    const said = saysIn(2, await check({ nudge: { via: 'annotations' } }))
    expect(said).toMatch(/may not patch applications\.argoproj\.io in namespace argocd at http/)
    expect(said).toMatch(
      /may not patch applicationsets\.argoproj\.io in namespace argocd at http.*nudge-by-annotations/,
    )
  })

  it('names the cluster that does not answer, and ends with 1', async () => {
    here.argocd.api.turn('gone')
    expect(saysIn(2, await check())).toMatch(/^Argo CD: does not answer: http/)
  })
})
