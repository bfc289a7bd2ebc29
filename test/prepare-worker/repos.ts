/** What prepare is tried on, wherever it runs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { NotReady, Terminal } from '../../src/domain/errors.ts'
import { printManifest } from '../../src/manifests/print.ts'
import type { ImageBuilder } from '../../src/ports.ts'
import { SAMPLE } from '../loop/sample.ts'
import { BUILT as IMAGE } from '../manifests/sample.ts'
import { archiveOf, type Ran, REQUEST, type Repo } from './given-worker.ts'

export const BUILT = { ...IMAGE, isReused: false }

export const BUILDS: ImageBuilder = {
  name: 'docker',
  needsSource: true,
  async build({ root, context, dockerfile, paths, args, secrets }, log) {
    log(readFileSync(join(root, dockerfile), 'utf8'))
    log(`${context} ${JSON.stringify({ paths, args, secrets })}`)
    return BUILT
  },
  close: async () => {},
}
const failing = (error: unknown): ImageBuilder => ({
  ...BUILDS,
  build: async () => {
    throw error
  },
})
const REFUSED = new Terminal('step 2 of the Dockerfile failed', { details: ['exit 1', 'line 2'] })
const LATER = new NotReady('waiting for CI', 10_000)

const object = (kind: string, more: string) =>
  `apiVersion: test.dev/v1\nkind: ${kind}\nmetadata: { name: a }\n${more}\n`
const withFiles = (files: Readonly<Record<string, string>>) => archiveOf({ ...SAMPLE, ...files })
const rendering = (yaml: string) =>
  archiveOf({ 'k8s/kustomization.yaml': 'resources: [all.yaml]\n', 'k8s/all.yaml': yaml })

/** Repos that fail and that go well, each at another point. */
export const REPOS: Readonly<Record<string, Repo>> = {
  'a small app': { tarball: archiveOf(SAMPLE) },
  'an image from its Dockerfile': { tarball: archiveOf(SAMPLE), builder: BUILDS },
  'several images, each from its Dockerfile': {
    tarball: withFiles({
      '.westage.yaml':
        'images: { web: { image: registry.example.com/shop, paths: [web] }, jobs: { dockerfile: jobs/Dockerfile } }\n',
      'jobs/Dockerfile': 'FROM scratch\n',
    }),
    builder: BUILDS,
  },
  'several images, one of which fails': {
    tarball: withFiles({ '.westage.yaml': 'images: { web: {}, jobs: { dockerfile: gone/Dockerfile } }\n' }),
    builder: {
      ...BUILDS,
      build: async ({ image }, _, signal) => {
        if (image === 'jobs') throw REFUSED
        return await new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
      },
    },
  },
  'an image that CI made': {
    tarball: archiveOf(SAMPLE),
    builder: { ...BUILDS, needsSource: false, build: async () => BUILT },
  },
  'what its .westage.yaml says': {
    tarball: withFiles({
      '.westage.yaml':
        'addons: { mysql: { seed: { files: [db/seed.sql] } } }\nreplicas: { shop: 2 }\napps: { shpo: {} }\ncallbacks: [{ source: stripe, path: /hook }]\nbuild: { args: { MODE: full } }\n',
      'db/seed.sql': 'select 1;\n',
    }),
    builder: BUILDS,
  },
  'integers of 64 bits': {
    tarball: rendering(
      object('Thing', 'spec: { big: 9223372036854775807, small: -9223372036854775808, list: [1, 9007199254740993] }'),
    ),
    request: {
      policy: {
        ...REQUEST.policy,
        settings: { ...REQUEST.policy.settings, kinds: { allow: ['Thing.test.dev'], deny: [] } },
      },
    },
  },
  'a broken kustomization': {
    tarball: withFiles({ 'k8s/overlays/preview/kustomization.yaml': 'resources: [gone.yaml]\n' }),
  },
  'what the policy refuses': { tarball: rendering(object('Thing', '')) },
  'manifests that are no YAML': { tarball: rendering('kind: [') },
  'a wrong .westage.yaml': { tarball: withFiles({ '.westage.yaml': 'folder: 3\nno: 1\n' }) },
  'an archive that is cut': { tarball: () => Readable.from([archiveOf(SAMPLE)().read()]) },
  'a commit that is gone': {
    tarball: () => {
      throw new Terminal('Commit aaaaaaa is gone')
    },
  },
  'a download that breaks': {
    tarball: () =>
      Readable.from(
        (async function* () {
          yield Buffer.from([0x1f, 0x8b])
          throw new Error('socket hang up')
        })(),
      ),
  },
  'a Dockerfile that fails': { tarball: archiveOf(SAMPLE), builder: failing(REFUSED) },
  'an image that is not there yet': { tarball: archiveOf(SAMPLE), builder: { ...failing(LATER), needsSource: false } },
  'a broken kustomization while its image is built': {
    tarball: withFiles({ 'k8s/overlays/preview/kustomization.yaml': 'resources: [gone.yaml]\n' }),
    builder: {
      ...BUILDS,
      build: (_, __, signal) =>
        new Promise((___, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the build was ended')), { once: true })
        }),
    },
  },
  'a registry that is down': { tarball: archiveOf(SAMPLE), builder: failing(new Error('502')) },
}

/** When, and in which process, kubectl failed (klog's header). */
const untimed = (line: string) => line.replace(/^E[0-9]{4} [0-9:.]+ +[0-9]+ /, '')

/** All that comes of it, as texts. */
export function seen({ outcome, lines, steps }: Ran) {
  if ('error' in outcome) {
    const { error } = outcome
    const about =
      error instanceof Terminal
        ? [error.whose, error.details.map(untimed)]
        : error instanceof NotReady
          ? [error.afterMs]
          : []
    return { error: error instanceof Error ? [error.name, error.message, ...about] : error, lines, steps }
  }
  const { bundle, ...rest } = outcome
  return { texts: bundle.manifests.map(printManifest), bundle, ...rest, lines, steps }
}
