import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { kubeConfigOf } from '../../../src/adapters/kubernetes/kube-config.ts'
import { jsonOf, kubernetesGet } from '../../../src/adapters/kubernetes/kubernetes-get.ts'
import { Terminal } from '../../../src/domain/errors.ts'
import { answering } from '../../servers/answering.ts'
import { ownTemporaryFolder } from '../build/repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())
afterEach(() => vi.unstubAllEnvs())
const { signal } = new AbortController()

/** A kubeconfig of two users, with the files that their tokens are in, for a server that tells who asks. */
async function given() {
  const host = await answering(({ headers }, response) => response.end(JSON.stringify(headers.authorization ?? null)))
  const file = join(temporary.path, 'clusters.yaml')
  await writeFile(join(temporary.path, 'first.token'), 'one\n')
  await writeFile(join(temporary.path, 'second.token'), 'two')
  const users = ['first', 'second'].map((name) => `{ name: ${name}, user: { tokenFile: ${name}.token } }`).join(', ')
  const contexts = ['first', 'second', 'none'].map(
    (name) => `{ name: ${name}, context: { cluster: c, user: ${name} } }`,
  )
  await writeFile(
    file,
    `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'http://${host}', insecure-skip-tls-verify: true } }]
users: [${users}, { name: none }]
contexts: [${contexts.join(', ')}]
current-context: first
`,
  )
  const askedAs = async (context: string | null, named: string | null = file) => {
    const config = kubeConfigOf(named, context)
    return async () => await jsonOf(await kubernetesGet(config, '/', {}, signal))
  }
  return { file, askedAs }
}

describe('a kubeconfig', () => {
  it('is asked with the token of a file beside it, each context with its own', async () => {
    const { askedAs } = await given()
    const [first, second, none] = await Promise.all([askedAs(null), askedAs('second'), askedAs('none')])
    expect(await first()).toBe('Bearer one')
    expect(await second()).toBe('Bearer two')
    expect(await none()).toBeNull()
  })

  it('that kubectl would find, in KUBECONFIG or at home, is asked with the token of a file beside it too', async () => {
    const { file, askedAs } = await given()
    vi.stubEnv('KUBECONFIG', file)
    expect(await (await askedAs('second', null))()).toBe('Bearer two')
    vi.stubEnv('KUBECONFIG', '')
    vi.stubEnv('HOME', temporary.path)
    await mkdir(join(temporary.path, '.kube'))
    await rename(file, join(temporary.path, '.kube', 'config'))
    await rename(join(temporary.path, 'second.token'), join(temporary.path, '.kube', 'second.token'))
    expect(await (await askedAs('second', null))()).toBe('Bearer two')
  })

  it('goes on with the new token once the file has one', async () => {
    const { askedAs } = await given()
    const now = vi.spyOn(performance, 'now')
    const at = performance.now()
    now.mockReturnValue(at)
    const ask = await askedAs(null)
    expect(await ask()).toBe('Bearer one')
    await writeFile(join(temporary.path, 'first.token'), 'three\n')
    now.mockReturnValue(at + 11_000)
    expect(await ask()).toBe('Bearer three')
    now.mockRestore()
  })

  it('that has no such context is the operators’ to mend', async () => {
    const { file } = await given()
    expect(() => kubeConfigOf(file, 'nowhere')).toThrow(Terminal)
    expect(() => kubeConfigOf(file, 'nowhere')).toThrow(`${file} has no cluster for nowhere`)
  })
})
