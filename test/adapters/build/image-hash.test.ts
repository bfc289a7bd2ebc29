import { chmod, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { BUILDKIT_PLACES, ignoreFileOf } from '../../../src/adapters/build/ignore-file.ts'
import { imageHash } from '../../../src/adapters/build/image-hash.ts'
import { sourceOf } from '../../../src/adapters/build/source.ts'
import type { BuildRequest } from '../../../src/ports.ts'
import { ownTemporaryFolder, repoOf, requestFor } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

const never = new AbortController().signal
const FILES = {
  Dockerfile: 'FROM scratch\nCOPY . /\n',
  '.dockerignore': 'docs\n',
  'bin/run': '#!/bin/sh\n',
  'docs/index.md': 'docs',
  large: 'x'.repeat(300_000),
}
type Change = (root: string) => Promise<unknown>

async function hashAfter(change: Change, more: Partial<BuildRequest> = {}, builder = {}): Promise<string> {
  const root = await repoOf(FILES)
  await symlink('run', join(root, 'bin/link'))
  await change(root)
  const request = requestFor(root, more)
  const source = await sourceOf(request)
  const kind = { kind: 'docker', platform: 'linux/amd64', reading: 'docker' as const, ...builder }
  return await imageHash(request, source, await ignoreFileOf(source, BUILDKIT_PLACES), kind, never)
}
const nothing: Change = async () => {}
const unchanged = await hashAfter(nothing)
const write =
  (path: string, text: string): Change =>
  (root) =>
    writeFile(join(root, path), text)

it.each<[string, Change]>([
  ['the Dockerfile', write('Dockerfile', 'FROM scratch\nCOPY . / \n')],
  ['a file', write('bin/run', '#!/bin/bash\n')],
  ['the end of a large file', write('large', `${'x'.repeat(299_999)}y`)],
  ['a file more', write('bin/more', '')],
  ['a file less', (root) => rm(join(root, 'bin/run'))],
  ['that a file can be executed', (root) => chmod(join(root, 'bin/run'), 0o755)],
  [
    'where a link leads',
    async (root) => {
      await rm(join(root, 'bin/link'))
      await symlink('../large', join(root, 'bin/link'))
    },
  ],
  [
    'that a link is a file',
    async (root) => {
      await rm(join(root, 'bin/link'))
      await writeFile(join(root, 'bin/link'), 'run')
    },
  ],
  ['what is ignored', write('.dockerignore', 'docs\nlarge\n')],
  ['a line of the ignore file that nobody understands', write('.dockerignore', 'docs\n\\d\n')],
])('is another one for another image: %s', async (_, change) => {
  expect(await hashAfter(change)).not.toBe(unchanged)
})

it.each<[string, Partial<BuildRequest>, object]>([
  ['arguments', { args: { VERSION: '2' } }, {}],
  ['stage', { target: 'test' }, {}],
  ['platform', { platforms: ['linux/arm64'] }, {}],
  ['repo', { repository: 'acme/other' }, {}],
  ['builder', {}, { kind: 'buildah' }],
  ['builder’s platform', {}, { platform: 'linux/arm64' }],
])('is another one for another %s', async (_, more, builder) => {
  expect(await hashAfter(nothing, more, builder)).not.toBe(unchanged)
})

it('is the same for the same arguments in another order', async () => {
  const [one, other] = [
    { A: '1', B: '2' },
    { B: '2', A: '1' },
  ]
  expect(await hashAfter(nothing, { args: one })).toBe(await hashAfter(nothing, { args: other }))
})

it.each<[string, Change, Partial<BuildRequest>]>([
  ['what is ignored', write('docs/index.md', 'new'), {}],
  ['when a file was written', (root) => utimes(join(root, 'bin/run'), 1, 1), {}],
  ['the commit and the pull request', nothing, { sha: 'f'.repeat(40), pull: 8 }],
  ['the platform that it is built for anyway', nothing, { platforms: ['linux/amd64'] }],
])('is the same for the same image: %s', async (_, change, more) => {
  expect(await hashAfter(change, more)).toBe(unchanged)
})
