/** Words of docker 20.10 to 28 and buildah, as they came from the tools. */
import { describe, expect, it } from 'vitest'
import { buildahVerdictOf, buildFailureOf, dockerVerdictOf } from '../../../src/adapters/build/build-failure.ts'
import { pushFailureOf } from '../../../src/adapters/build/tool-trouble.ts'
import { ToolFailed } from '../../../src/adapters/child-process.ts'
import { Terminal } from '../../../src/domain/errors.ts'

const failed = (stderr: string, stdout = '') => new ToolFailed('docker', 1, null, stdout, stderr, stderr.split('\n'))
const sourceWith = (text: string) => ({
  context: '/tmp/repo',
  dockerfile: { name: 'web/Dockerfile', path: '/tmp/repo/web/Dockerfile', text },
})

describe('docker with BuildKit', () => {
  it('names the line of a RUN step that failed, though the step spoke of the network', () => {
    const stderr = `#5 [2/2] RUN npm ci
#5 1.203 npm error network connection refused
#5 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
------
 > [2/2] RUN npm ci:
1.203 npm error network connection refused
------
Dockerfile:3
--------------------
   1 |     FROM node:22
   2 |     # install
   3 | >>> RUN npm ci
--------------------
ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1

View build details: docker-desktop://dashboard/build/default/default/abc`
    const failure = buildFailureOf(failed(stderr), sourceWith('FROM node:22\n# install\nRUN npm ci\n'), dockerVerdictOf)
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({
      whose: 'author',
      message: 'web/Dockerfile:3: RUN npm ci: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    })
  })

  it('retries when a base image can not be fetched', () => {
    const stderr = `------
 > [internal] load metadata for docker.io/library/node:22:
------
Dockerfile:1
--------------------
   1 | >>> FROM node:22
--------------------
ERROR: failed to solve: node:22: failed to resolve source metadata for docker.io/library/node:22: failed to do request: Head "https://registry-1.docker.io/v2/library/node/manifests/22": dial tcp: lookup registry-1.docker.io: no such host`
    const failure = buildFailureOf(failed(stderr), sourceWith('FROM node:22\n'), dockerVerdictOf)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).not.toBeInstanceOf(Terminal)
  })
})

it.each([
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
  'error during connect: Post "http://docker:2375/v1.47/build": EOF',
  'ERROR: failed to solve: failed to register layer: write /x: no space left on device',
  'Error: creating build container: initializing source docker://node:22: reading manifest 22 in docker.io/library/node: toomanyrequests: You have reached your pull rate limit.',
])('retries after %s', (stderr) => {
  const failure = buildFailureOf(failed(stderr), sourceWith('FROM node:22\n'), dockerVerdictOf)
  expect(failure).toBeInstanceOf(Error)
  expect(failure).not.toBeInstanceOf(Terminal)
})

it('retries a build that was killed from outside', () => {
  const killed = new ToolFailed('docker', null, 'SIGKILL', '', '', [])
  expect(buildFailureOf(killed, sourceWith('FROM node:22\n'), dockerVerdictOf)).not.toBeInstanceOf(Terminal)
})

describe('a build whose words have no end', () => {
  const COMMAND = `echo ${'Original:"'.repeat(100_000)}`
  const dockerfile = sourceWith(`FROM node:22\nRUN ${COMMAND}\n`)

  it('is told cut, with how they begin and how they end, by buildah', () => {
    const stderr = `Error: building at STEP "RUN ${COMMAND}": while running runtime: exit status 1`
    const failure = buildFailureOf(failed(stderr, `STEP 2/2: RUN ${COMMAND}`), dockerfile, buildahVerdictOf)
    expect(failure).toMatchObject({
      whose: 'author',
      message: expect.stringMatching(/^web\/Dockerfile:2: RUN echo .* … .*: while running runtime: exit status 1$/),
    })
    expect(String(failure).length).toBeLessThan(700)
  })

  it('is told cut, with how they begin and how they end, by docker', () => {
    const stderr = ` > [2/2] RUN ${COMMAND}:\nERROR: failed to solve: process "/bin/sh -c ${COMMAND}" did not complete successfully: exit code: 1`
    const failure = buildFailureOf(failed(stderr), dockerfile, dockerVerdictOf)
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^web\/Dockerfile:2: RUN echo .* did not complete successfully: exit code: 1$/),
    })
    expect(String(failure).length).toBeLessThan(700)
  })
})

describe('a push', () => {
  it.each([
    'denied: requested access to the resource is denied',
    'unauthorized: authentication required',
    'no basic auth credentials',
    "name unknown: The repository with name 'shop' does not exist in the registry with id '1'",
    'Error: pushing image "abc" to "docker://r/shop:1": pinging container registry r: Get "https://r/v2/": http: server gave HTTP response to HTTPS client',
    'Get "https://r/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ])('is the operator’s to mend after %s', (stderr) => {
    const failure = pushFailureOf(failed(stderr), 'r/shop:1')
    expect(failure).toBeInstanceOf(Terminal)
    expect(failure).toMatchObject({ whose: 'operator', message: expect.stringContaining('r/shop:1') })
  })

  it.each([
    'Get "https://r/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
    'received unexpected HTTP status: 503 Service Unavailable',
    'unexpected status from HEAD request to https://r/v2/shop/blobs/sha256:ab: 500 Internal Server Error',
    'something that nobody has seen before',
  ])('is tried again after %s', (stderr) => {
    expect(pushFailureOf(failed(stderr), 'r/shop:1')).not.toBeInstanceOf(Terminal)
  })
})
