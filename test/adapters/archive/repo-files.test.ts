import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repoFiles } from '../../../src/adapters/archive/repo-files.ts'

let root = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'westage-repo-')))
  mkdirSync(join(root, 'db'))
  writeFileSync(join(root, 'db/schema.sql'), 'create table a (b int);\n')
  writeFileSync(join(root, 'db/photo'), Buffer.from([0xff, 0xd8, 0xff]))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('a file of a repo', () => {
  it('is read as text, also through a link that stays in the repo', async () => {
    symlinkSync('db/schema.sql', join(root, 'schema.sql'))
    expect(await repoFiles.text(root, 'db/schema.sql', 100)).toBe('create table a (b int);\n')
    expect(await repoFiles.text(root, 'schema.sql', 100)).toBe('create table a (b int);\n')
  })

  it('is null where there is none', async () => {
    expect(await repoFiles.text(root, '.westage.yaml', 100)).toBeNull()
    expect(await repoFiles.text(root, 'db/schema.sql/more', 100)).toBeNull()
  })

  it('is refused where it leads out of the repo, is a folder, too long or no text', async () => {
    symlinkSync('/etc/passwd', join(root, 'passwd'))
    symlinkSync('../../../etc/passwd', join(root, 'climb'))
    for (const path of ['passwd', 'climb', '../outside', '/etc/passwd', 'db']) {
      await expect(repoFiles.text(root, path, 10_000), path).rejects.toThrow(`${path} is not a file of the repo`)
    }
    await expect(repoFiles.text(root, 'db/schema.sql', 10)).rejects.toThrow('has 24 bytes, and may have 10')
    await expect(repoFiles.text(root, 'db/photo', 100)).rejects.toThrow('is not UTF-8')
  })
})
