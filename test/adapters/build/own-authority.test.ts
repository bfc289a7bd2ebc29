/** A registry whose certificate is signed by an authority that nobody knows but the instance. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBuildah } from '../../../src/adapters/build/buildah.ts'
import type { BuilderSettings } from '../../../src/adapters/build/builder-settings.ts'
import { findBuildKit } from '../../../src/adapters/build/buildkit.ts'
import { buildKitJobs } from '../../../src/adapters/build/buildkit-job.ts'
import { registryConfigOf } from '../../../src/adapters/build/buildkitd-config.ts'
import { externalBuilder } from '../../../src/adapters/build/external.ts'
import { handedContexts } from '../../../src/adapters/build/handed-contexts.ts'
import type { JobOrder } from '../../../src/adapters/kubernetes-jobs/jobs.ts'
import { type Authority, readAuthority } from '../../../src/adapters/registry/authority.ts'
import { manifestDigest } from '../../../src/adapters/registry/manifest.ts'
import { NotReady, Terminal } from '../../../src/domain/errors.ts'
import type { ImageBuilder } from '../../../src/ports.ts'
import { buildKitPath, NO_BUILDKIT, startBuildKit } from '../../servers/buildkitd.ts'
import { type CertificateFiles, certificates } from '../../servers/certificates.ts'
import {
  findRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  type RunningRegistry,
  requireRegistry,
} from '../../servers/registry.ts'
import { ownTemporaryFolder, repoOf, requestFor, SHA } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
const never = new AbortController().signal
const quiet = () => {}
const isCI = process.env.CI === 'true'
const isSkipped = (await findRegistry()) === null && !isCI
const buildKit = await buildKitPath()

let files: CertificateFiles
let authority: Authority | null
let registry: RunningRegistry
beforeAll(async () => {
  files = await certificates()
  authority = await readAuthority(files.ca)
  if (!isSkipped) registry = await requireRegistry({ tls: files })
})
afterAll(async () => {
  await registry?.close()
  await temporary.close()
})

const settings = (at = registry, authFile: string | null = null): BuilderSettings => ({
  registry: {
    ...{ repository: `${at.host}/team/{app}`, tag: '{hash}', plainHttp: false, authFile },
    authority,
  },
  credentials: { authFile, helperEnvironment: {} },
  timeoutMs: 60_000,
  path: buildKit ?? process.env.PATH ?? '',
  env: {},
  webUrl: 'https://github.com',
  workDir: temporary.path,
  cacheDir: join(temporary.path, 'cache'),
})
const repo = (text: string) => repoOf({ Dockerfile: 'FROM scratch\nCOPY page.html /\n', 'page.html': text })
/** Builds what is not there, and then finds it there. */
async function madeAndFound(builder: ImageBuilder, text: string, { host } = registry): Promise<void> {
  const root = await repo(text)
  const made = await builder.build(requestFor(root), quiet, never)
  expect(made).toMatchObject({ isReused: false, repository: `${host}/team/shop` })
  expect(await builder.build(requestFor(root), quiet, never)).toEqual({ ...made, isReused: true })
}

describe.skipIf(isSkipped)(`registry.caFile${isSkipped ? ' (skipped: no docker-registry)' : ''}`, () => {
  it('lets WeStage ask the registry, which it does not trust without', async () => {
    const reference = { registry: registry.host, repository: 'team/shop', reference: SHA }
    const access = { plainHttp: false, credentials: null }
    expect(await manifestDigest(reference, { ...access, authority }, never)).toBeNull()
    await expect(manifestDigest(reference, access, never)).rejects.toThrow('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    const strange = await readAuthority((await certificates()).ca)
    await expect(manifestDigest(reference, { ...access, authority: strange }, never)).rejects.toThrow('did not answer')
  })

  it('lets it wait for what CI pushes', async () => {
    const { registry: own, credentials } = settings()
    const builder = externalBuilder({ ...own, tag: '{sha}' }, credentials)
    await expect(builder.build(requestFor(''), quiet, never)).rejects.toBeInstanceOf(NotReady)
  })

  it('lets buildah push, and images be found', async ({ skip }) => {
    const builder = await findBuildah(settings(), quiet)
    if (builder === null) return skip('no buildah')
    await madeAndFound(builder, 'buildah')
  })

  it('lets a buildkitd push that is configured as that of a Job is', async ({ skip }) => {
    if (buildKit === null) return skip(NO_BUILDKIT)
    const config = registryConfigOf({ plainHttp: false, authority }, { registry: registry.host }, files.ca)
    const buildkitd = await startBuildKit({ more: config })
    const at = { address: buildkitd.address, tls: null, cacheTag: 'layers', frontends: [] }
    const builder = await findBuildKit(settings(), at, quiet)
    if (builder === null) throw new Error('buildctl is not here')
    await madeAndFound(builder, 'buildkit')
    await buildkitd.close()
  })

  it.for(['buildah', 'buildkit'])('is that of its token server too, with %s', async (tool, { skip }) => {
    if (tool === 'buildkit' && buildKit === null) return skip(NO_BUILDKIT)
    const tokens = await requireRegistry({ auth: 'token', tls: files })
    const auth = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64')
    const authFile = join(
      await repoOf({ 'config.json': JSON.stringify({ auths: { [tokens.host]: { auth } } }) }),
      'config.json',
    )
    const own = settings(tokens, authFile)
    const config = registryConfigOf({ plainHttp: false, authority }, { registry: tokens.host }, files.ca)
    const buildkitd = tool === 'buildkit' ? await startBuildKit({ more: config }) : null
    const at = { address: buildkitd?.address ?? '', tls: null, cacheTag: null, frontends: [] }
    const builder = buildkitd === null ? await findBuildah(own, quiet) : await findBuildKit(own, at, quiet)
    if (builder === null) return skip(`no ${tool}`)
    await madeAndFound(builder, `${tool} with tokens`, tokens)
    await buildkitd?.close()
    await tokens.close()
  })

  it('is handed to the pod of a Job, in its Secret', async () => {
    let order: JobOrder | null = null
    const jobs = {
      async run(ordered: (names: { secret: string }) => JobOrder) {
        order = ordered({ secret: 'of-the-job' })
        throw new Error('seen')
      },
      sweep: async () => {},
      close: async () => {},
    }
    const pod = {
      image: 'buildkit',
      resources: {},
      nodeSelector: {},
      tolerations: [],
      diskSize: '1Gi',
      url: 'http://w',
    }
    const more = { cacheTag: null, frontends: [], jobs, contexts: handedContexts() }
    const builder = buildKitJobs(settings(), { pod, ...more })
    await expect(builder.build(requestFor(await repo('job')), quiet, never)).rejects.toThrow('seen')
    const ca = '/run/westage/authority/ca.pem'
    expect(order).toMatchObject({
      secret: {
        'buildkitd.toml': `[registry."${registry.host}"]\nhttp = false\nca = ["${ca}"]\n`,
        'ca.pem': authority?.pem,
      },
      pod: {
        containers: [
          {
            env: expect.arrayContaining([{ name: 'SSL_CERT_DIR', value: '/etc/ssl/certs:/run/westage/authority' }]),
            volumeMounts: expect.arrayContaining([
              { name: 'authority', mountPath: '/run/westage/authority', readOnly: true },
            ]),
          },
        ],
        volumes: expect.arrayContaining([
          {
            name: 'authority',
            secret: { secretName: 'of-the-job', items: [{ key: 'ca.pem', path: 'ca.pem' }] },
          },
        ]),
      },
    })
  })
})

it('that can’t be read is the operator’s to mend', async () => {
  const none = join(await repoOf({ 'ca.pem': 'no certificate' }), 'ca.pem')
  for (const file of [none, '/nowhere/ca.pem']) {
    const failure = await readAuthority(file).catch((error) => error)
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ whose: 'operator', message: expect.stringContaining(`registry.caFile: ${file}`) })
  }
  expect(await readAuthority(null)).toBeNull()
})
