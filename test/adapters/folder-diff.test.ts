import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderDifferences } from '../../src/adapters/folder-diff.ts'

const never = new AbortController().signal
let workDir: string
beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'diff-'))
})
afterEach(() => rm(workDir, { recursive: true }))

const differences = (path = process.env.PATH ?? '') =>
  folderDifferences({ workDir, path, names: ['as-written', 'as-it-is'] })

describe('the difference between two versions of a folder', () => {
  const before = new Map([
    ['preview.yaml', 'app: shop\n'],
    ['manifests/a.yaml', 'a: 1\nb: 2\n'],
  ])

  it('is a unified diff of what was changed, added and taken away, and leaves nothing on disk', async () => {
    const after = new Map([
      ['manifests/a.yaml', 'a: 1\nb: 3\n'],
      ['manifests/c.yaml', 'c: 1\n'],
    ])
    const text = await differences().of(before, after, never)
    for (const line of [
      '-b: 2',
      '+b: 3',
      '--- as-written/manifests/a.yaml',
      '+++ as-it-is/manifests/a.yaml',
      '+c: 1',
    ]) {
      expect(text?.split('\n')).toContain(line)
    }
    expect(text).toContain('-app: shop')
    expect(await readdir(workDir)).toEqual([])
  })

  it('is nothing where there is none', async () => {
    expect(await differences().of(before, before, never)).toBe('')
  })

  it('is not to be had on a machine without git', async () => {
    expect(await differences(workDir).of(before, new Map(), never)).toBeNull()
  })
})
