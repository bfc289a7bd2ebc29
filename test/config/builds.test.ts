import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { readConfig } from '../../src/config/read-config.ts'

const ENV = {
  WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----',
  WESTAGE_WEBHOOK_SECRET: 'hush',
}

function faultsOf(more: string, tag = '{sha}', ofRegistry = ''): readonly string[] {
  const least =
    'publicUrl: https://westage.test\ngithub: { appId: 7 }\ngitops: { url: "https://git.test/previews.git" }\n'
  try {
    readConfig(`${least}registry: { repository: "registry.test/{app}", tag: "${tag}"${ofRegistry} }\n${more}`, ENV)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const withSecret = (builder: string) =>
  `builder: ${builder}\napps: [{ name: shop, repository: acme/shop, build: { secrets: { npmrc: /etc/npmrc } } }]`

describe('where a buildkitd is', () => {
  it.each(['unix:///run/buildkit/buildkitd.sock', 'tcp://buildkitd.buildkit:1234', 'tcp://[::1]:1234'])(
    'may be %s',
    (address) => {
      expect(faultsOf(`builder: buildkit\nbuildkit: { address: "${address}" }`)).toEqual([])
    },
  )

  // buildctl would run docker or kubectl for the first two.
  it.each(['docker-container://buildkitd', 'kube-pod://buildkitd', 'unix://relative', 'tcp://buildkitd', '--addr'])(
    'is not %s',
    (address) => {
      expect(faultsOf(`buildkit: { address: "${address}" }`)).toEqual([
        'westage.yaml:5: buildkit.address: is neither unix:///path/of/a.sock nor tcp://host:port',
      ])
    },
  )

  it('has no certificates on a socket', () => {
    expect(faultsOf('buildkit: { tls: { caFile: a, certFile: b, keyFile: c } }')).toEqual([
      'westage.yaml:5: buildkit.tls: is set, and buildkit.address is a socket',
    ])
  })
})

it('a Job for each build needs the URL that its pods reach, and no buildkitd', () => {
  const job = 'job: { url: "http://westage.westage" }'
  expect(faultsOf(`buildkit: { ${job}, cacheTag: layers }`)).toEqual([])
  expect(faultsOf('buildkit: { job: {} }')).toEqual(['westage.yaml:5: buildkit.job.url: is missing'])
  expect(faultsOf(`buildkit: { ${job}, address: "tcp://buildkitd:1234" }`)).toEqual([
    'westage.yaml:5: buildkit.address: is set, and buildkit.job has a BuildKit for each build',
  ])
  expect(faultsOf(`buildkit: { ${job}, tls: { caFile: a, certFile: b, keyFile: c } }`)).toEqual([
    'westage.yaml:5: buildkit.tls: is set, and buildkit.job has a BuildKit for each build',
  ])
})

it('layers are kept under a tag that is not the image’s, and the same for the next build', () => {
  expect(faultsOf('buildkit: { cacheTag: "{app}-cache" }')).toEqual([])
  expect(faultsOf('buildkit: { cacheTag: "{sha}" }')).toEqual([
    'westage.yaml:5: buildkit.cacheTag: is another one for each build: {app}, {image} and {pr} may be in it',
  ])
  expect(faultsOf('buildkit: { cacheTag: "pr-{pr}" }', 'pr-{pr}')).toEqual([
    "westage.yaml:5: buildkit.cacheTag: is the image's own, registry.tag",
  ])
})

it.each(['docker', 'buildkit'])('builder: %s is given the build secrets of an app', (builder) => {
  expect(faultsOf(withSecret(builder))).toEqual([])
})

it.each(['none', 'local', 'buildah', 'external'])('builder: %s is given none', (builder) => {
  expect(faultsOf(withSecret(builder))).toEqual([
    `westage.yaml:6: apps[0].build.secrets: is set, and builder is ${builder}: only docker and buildkit are given any`,
  ])
})

describe('several images of an app', () => {
  const app = (more: string) => `builder: buildkit\napps: [{ name: shop, repository: acme/shop, ${more} }]`

  it('are named, each with what it is built from', () => {
    expect(
      faultsOf(app('images: { web: { build: { secrets: { npmrc: /etc/npmrc } } }, worker: { context: w } }')),
    ).toEqual([])
  })

  it('are not said of beside one', () => {
    expect(faultsOf(app('context: ., images: { web: {} }'))).toEqual([
      'westage.yaml:6: apps[0].context: is set beside images: put it under the image that it is for',
    ])
  })

  it('have no build secrets where the builder would show them to others', () => {
    const yaml = app('images: { web: { build: { secrets: { npmrc: /etc/npmrc } } } }').replace('buildkit', 'buildah')
    expect(faultsOf(yaml)).toEqual([
      'westage.yaml:6: apps[0].images.web.build.secrets: is set, and builder is buildah: only docker and buildkit are given any',
    ])
  })
})

it('an authority of one’s own is for a registry that has TLS', () => {
  expect(faultsOf('', '{sha}', ', caFile: /etc/ca.pem')).toEqual([])
  expect(faultsOf('', '{sha}', ', caFile: /etc/ca.pem, plainHttp: true')).toEqual([
    'westage.yaml:4: registry.caFile: is set, and registry.plainHttp leaves TLS out',
  ])
})
