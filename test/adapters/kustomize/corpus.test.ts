import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { scanKustomization } from '../../../src/adapters/kustomize/scan.ts'
import { kustomize, NEVER, reason } from './real-kustomize.ts'

const repo = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const corpus = resolve(process.env.WESTAGE_CORPUS ?? join(repo, '../shared/corpus'))
const isThere = existsSync(join(corpus, 'entries.txt'))
const folders = isThere ? readFileSync(join(corpus, 'entries.txt'), 'utf8').split('\n').filter(Boolean) : ['(none)']
const why = isThere ? reason : ' (skipped: no corpus of manifests is here; WESTAGE_CORPUS names its folder)'

describe.skipIf(!isThere || kustomize === null)(`manifests of real projects pass scan and build${why}`, () => {
  it.concurrent.each(folders)('%s', async (folder) => {
    const [app = '', ...below] = folder.split('/')
    const root = join(corpus, app)
    const inside = below.join('/') || '.'
    expect(await scanKustomization(root, inside)).toEqual({ missing: [] })
    expect(await kustomize?.build(root, inside, () => {}, NEVER)).toContain('kind: ')
  })
})
