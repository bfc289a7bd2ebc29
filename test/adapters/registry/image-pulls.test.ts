import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { imagePulls } from '../../../src/adapters/registry/image-pulls.ts'
import { pushImage } from '../../servers/push-image.ts'
import { findRegistry, type RunningRegistry, requireRegistry } from '../../servers/registry.ts'
import { pushHeaders } from '../../servers/registry-sign-in.ts'

const never = new AbortController().signal
const DIGEST = `sha256:${'a'.repeat(64)}`
const isSkipped = (await findRegistry()) === null && process.env.CI !== 'true'
const needsSecret = (
  repository: string,
  digest = DIGEST,
  pullSecrets: 'auto' | 'needed' | 'none' = 'auto',
): Promise<boolean> => imagePulls({ plainHttp: true, pullSecrets }).needSecret({ repository, digest }, never)

describe.skipIf(isSkipped)(`docker-registry${isSkipped ? ' (skipped: it is not installed)' : ''}`, () => {
  const running: RunningRegistry[] = []
  let [open, basic, token] = ['', '', '']
  beforeAll(async () => {
    for (const auth of ['none', 'basic', 'token'] as const) {
      running.push(await requireRegistry({ auth }))
    }
    ;[open = '', basic = '', token = ''] = running.map(({ host }) => host)
  })
  afterAll(() => Promise.all(running.map((registry) => registry.close())))

  it('that is open needs no pull secret', async () => {
    const digest = await pushImage(`http://${open}`, 'team/app', 'v1')
    expect(await needsSecret(`${open}/team/app`, digest)).toBe(false)
  })

  it('that wants a password or a token needs one', async () => {
    const digest = await pushImage(`http://${basic}`, 'team/app', 'v1', await pushHeaders(basic, 'team/app'))
    expect(await needsSecret(`${basic}/team/app`, digest)).toBe(true)
    expect(await needsSecret(`${token}/team/app`)).toBe(true)
  })

  it('that hides what one may not see needs one', async () => {
    expect(await needsSecret(`${open}/team/app`)).toBe(true)
  })

  it('needs what the operator says', async () => {
    expect(await needsSecret(`${basic}/team/app`, DIGEST, 'none')).toBe(false)
    expect(await needsSecret(`${open}/team/app`, DIGEST, 'needed')).toBe(true)
  })
})

it('says nothing of a registry that does not answer', async () => {
  expect(await needsSecret('127.0.0.1:1/team/app')).toBe(false)
})

describe('where every registry wants credentials', () => {
  beforeAll(() => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 401 }))
  })
  afterAll(() => {
    vi.unstubAllGlobals()
  })

  it.each(['ghcr.io/acme/app', 'docker.io/acme/app', 'pkg.dev.example.com/app'])(
    '%s needs a pull secret',
    async (repository) => {
      expect(await needsSecret(repository)).toBe(true)
    },
  )

  it.each([
    '1234.dkr.ecr.eu-west-1.amazonaws.com/app',
    'europe-docker.pkg.dev/acme/team/app',
    'eu.gcr.io/acme/app',
    'acme.azurecr.io/app',
  ])('%s needs none: the nodes of its cloud may pull from it', async (repository) => {
    expect(await needsSecret(repository)).toBe(false)
  })
})

it('needs none where there is no registry', async () => {
  expect(await imagePulls(null).needSecret({ repository: 'r.example.com/app', digest: DIGEST }, never)).toBe(false)
})
