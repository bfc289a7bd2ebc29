/** buildctl's words as they were seen, for what no test here can bring about. */
import { expect, it } from 'vitest'
import { buildkitFailureOf } from '../../../src/adapters/build/buildkit-failure.ts'
import { ToolFailed } from '../../../src/adapters/child-process.ts'
import { Terminal } from '../../../src/domain/errors.ts'

const TEXT = 'FROM scratch\nCOPY system/ /\nRUN make all\n'
const IMAGE = 'registry.test/team/shop:1'
const excerpt = (output: string) =>
  ` > [2/2] RUN make all:\n${output}------\nDockerfile:3\n--------------------\n   3 | >>> RUN make all\n--------------------\n`

function failureOf(stderr: string): Error {
  const failed = new ToolFailed('buildctl', 1, null, '', stderr, stderr.split('\n'))
  const dockerfile = { name: 'Dockerfile', path: '/repo/Dockerfile', text: TEXT }
  const failure = buildkitFailureOf(failed, { context: '/repo', dockerfile }, IMAGE, 'tcp://buildkitd:1234')
  if (failure instanceof Error) return failure
  throw new Error('it is no failure')
}

const whoseOf = (failure: Error) => (failure instanceof Terminal ? failure.whose : 'nobody')

const STEP = 'error: failed to solve: process "/bin/sh -c make all" did not complete successfully:'

it.each([
  [
    'a step that failed',
    `${excerpt('0.1 oops\n')}${STEP} exit code: 2\n`,
    'author',
    /^Dockerfile:3: RUN make all: .*exit code: 2/,
  ],
  // What a step is called is the author's to choose.
  [
    'a step that is called as troubles are',
    `${excerpt('')}error: failed to solve: process "/bin/sh -c echo x509: no space left on device, network.host is not allowed, did not complete successfully: cannot allocate memory" did not complete successfully: exit code: 2\n`,
    'author',
    /^Dockerfile:3: RUN make all/,
  ],
  // What a step prints is the author's to choose.
  [
    'a step that speaks of the network',
    `${excerpt('0.1 dial tcp: connection refused\n')}${STEP} exit code: 2\n`,
    'author',
    /^Dockerfile:3/,
  ],
  [
    'a step that was killed for want of memory',
    `${excerpt('')}${STEP} cannot allocate memory\n`,
    'operator',
    /a step of Dockerfile needs more memory/,
  ],
  [
    'a step that found the disk full',
    `${excerpt('0.1 cp: write: No space left on device\n')}${STEP} exit code: 1\n`,
    'nobody',
    /disk of buildkitd is full/,
  ],
  [
    'a disk that is full',
    'error: failed to solve: failed to copy files: copy file range failed: no space left on device\n',
    'nobody',
    /full/,
  ],
  [
    'a stage that is not there',
    'error: failed to solve: target stage "nope" could not be found\n',
    'author',
    /^Dockerfile: target stage "nope"/,
  ],
  [
    'a buildkitd that is told to stop',
    'error: failed to solve: Canceled: grpc: the client connection is closing\n',
    'nobody',
    /broke off/,
  ],
  [
    'a buildkitd that goes away',
    'error: failed to solve: Unavailable: error reading from server: EOF\n',
    'nobody',
    /broke off/,
  ],
  [
    'words of buildkitd that nobody knows',
    'error: failed to solve: lease "x": already exists\n',
    'nobody',
    /could not be built: lease/,
  ],
  [
    'a registry that buildkitd can not trust',
    `${excerpt('')}error: failed to solve: registry.test/base:1: failed to resolve source metadata for registry.test/base:1: failed to do request: Head "https://registry.test/v2/base/manifests/1": http: server gave HTTP response to HTTPS client\n`,
    'operator',
    /buildkitd\.toml/,
  ],
  [
    'a push that is refused',
    `error: failed to solve: failed to push ${IMAGE}: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://registry.test/token: 401 Unauthorized\n`,
    'operator',
    /can't be pushed: the registry refuses it/,
  ],
  [
    'a push that the registry was too busy for',
    `error: failed to solve: failed to push ${IMAGE}: unexpected status from PUT request to https://registry.test/v2/: 503 Service Unavailable\n`,
    'nobody',
    /could not be pushed/,
  ],
])('%s is told as what it is', (_, stderr, whose, words) => {
  const failure = failureOf(stderr)
  expect(whoseOf(failure)).toBe(whose)
  expect(failure.message).toMatch(words)
})
