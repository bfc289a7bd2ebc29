import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, describe, expect, it } from 'vitest'
import { jsonOf, kubernetesGet } from '../../../src/adapters/kubernetes/kubernetes-get.ts'

function isOpensslMissing(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return false
  } catch {
    return process.env.CI !== 'true'
  }
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** An API server with a certificate of its own for 127.0.0.1, which knows one token. */
async function apiServer(): Promise<{ url: string; certificate: string }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'westage-api-'))
  const [key, cert] = [path.join(directory, 'key'), path.join(directory, 'cert')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=api', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]
  execFileSync('openssl', [...request, ...subject], { stdio: 'ignore' })
  const certificate = readFileSync(cert, 'utf8')
  const server = createServer({ key: readFileSync(key), cert: certificate }, ({ headers, url }, response) => {
    const isKnown = headers.authorization === 'Bearer sesame'
    response
      .writeHead(isKnown ? 200 : 401)
      .end(JSON.stringify(isKnown ? { url } : { message: 'who is it?', code: 401 }))
  })
  rmSync(directory, { recursive: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, certificate }
}

function configOf(server: string, certificate: string | null, token: string): KubeConfig {
  const config = new KubeConfig()
  const caData = certificate === null ? {} : { caData: Buffer.from(certificate).toString('base64') }
  config.loadFromClusterAndUser({ name: 'api', server, skipTLSVerify: false, ...caData }, { name: 'me', token })
  return config
}

describe.skipIf(isOpensslMissing())('The Kubernetes API (needs openssl)', () => {
  const { signal } = new AbortController()

  it("is asked with the kubeconfig's authority and token", async () => {
    const { url, certificate } = await apiServer()
    const response = await kubernetesGet(configOf(url, certificate, 'sesame'), '/apis', { limit: '1' }, signal)
    expect(await jsonOf(response)).toEqual({ url: '/apis?limit=1' })
  })

  it('says in its own words why it refuses', async () => {
    const { url, certificate } = await apiServer()
    const asked = kubernetesGet(configOf(url, certificate, 'other'), '/apis', {}, signal)
    await expect(asked).rejects.toMatchObject({ code: 401, message: 'who is it?' })
  })

  it('is not trusted with a certificate that the kubeconfig does not vouch for', async () => {
    const { url } = await apiServer()
    await expect(kubernetesGet(configOf(url, null, 'sesame'), '/apis', {}, signal)).rejects.toThrow(/certificate/)
  })
})
