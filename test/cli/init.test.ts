/** What `westage init` writes: files that WeStage reads as they are, and that an editor knows the schema of. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { choicesOf, parseAppFile } from '../../src/settings/app-file.ts'
import { ownTemporaryFolder } from '../adapters/build/repo-on-disk.ts'
import { builtCommand, type Command } from './built-command.ts'

const SECRETS = {
  WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----',
  WESTAGE_WEBHOOK_SECRET: 'a secret',
  WESTAGE_ADDON_SECRET: 'a secret that has at least 32 characters',
}
const temporary = await ownTemporaryFolder()
let command: Command
let count = 0
beforeAll(async () => {
  command = await builtCommand()
})
afterAll(() => temporary.close())

const freshFile = (name: string) => join(temporary.path, `${++count}-${name}`)

/** What an author gets who takes the marks of comments away from all that is a setting. */
const uncommented = (text: string) =>
  text
    .split('\n')
    .slice(1)
    .join('\n')
    .replace(/^# ( *(?:- )?[a-z][A-Za-z-]*:)/gm, '$1')
    .replace(/^# {3}/gm, '  ')

describe('westage init', () => {
  it('writes an instance’s settings, which are read as they are and with all their examples', async () => {
    const file = freshFile('westage.yaml')
    expect(await command.run(['init', file])).toMatchObject({ code: 0, stdout: expect.stringContaining(file) })
    const text = await readFile(file, 'utf8')
    expect(readConfig(text, SECRETS).config).toMatchObject({ publicUrl: 'https://westage.example.com', apps: [] })
    expect(readConfig(uncommented(text), SECRETS).config).toMatchObject({
      builder: 'local',
      addons: { allowed: ['mysql', 'redis'] },
      apps: [{ name: 'shop', env: { LOG_LEVEL: 'debug' } }],
    })
  })

  it('writes an app’s file, which is read as it is and with all its examples', async () => {
    const file = freshFile('.westage.yaml')
    expect(await command.run(['init', '--app', file])).toMatchObject({ code: 0 })
    const text = await readFile(file, 'utf8')
    expect(parseAppFile(text)).toMatchObject({ folder: null, apps: null })
    const whole = parseAppFile(uncommented(text))
    // Several images are an example of an app's own: beside what is said of one they would be a fault.
    const unsaid = Object.entries(whole).filter(([, value]) => value === null)
    expect(unsaid.map(([key]) => key)).toEqual(['images'])
    expect(Object.keys(choicesOf(whole, 'shop-api').images ?? {})).toEqual(['api', 'worker'])
  })

  it.each([
    { args: [], file: 'westage.yaml', published: 'docs/schema/westage.schema.json' },
    { args: ['--app'], file: '.westage.yaml', published: 'docs/schema/app.schema.json' },
  ])('names the JSON Schema of $file in its first line, and writes it beside', async ({ args, file, published }) => {
    const path = freshFile(file)
    const { stdout } = await command.run(['init', ...args, path])
    const [first = ''] = (await readFile(path, 'utf8')).split('\n')
    const [, named = ''] = /^# yaml-language-server: \$schema=\.\/(\S+)$/.exec(first) ?? []
    expect(stdout.trim().split('\n')).toEqual([`wrote ${path}`, `wrote ${join(temporary.path, named)}`])
    expect(await readFile(join(temporary.path, named), 'utf8')).toBe(
      await readFile(join(import.meta.dirname, '../..', published), 'utf8'),
    )
  })

  it('names another address of it where it is told one, and writes no schema', async () => {
    const before = await readdir(temporary.path)
    const file = freshFile('westage.yaml')
    const url = 'https://westage.example.com/westage.schema.json'
    expect((await command.run(['init', '--schema', url, file])).code).toBe(0)
    expect(await readFile(file, 'utf8')).toMatch(`# yaml-language-server: $schema=${url}\n`)
    expect((await readdir(temporary.path)).length).toBe(before.length + 1)
    const refused = await command.run(['init', '--schema', 'a\nb', freshFile('westage.yaml')])
    expect(refused).toMatchObject({ code: 1, stderr: '--schema is not an address: it has white space\n' })
  })

  it('writes over nothing, unless it is told to', async () => {
    const file = freshFile('westage.yaml')
    await writeFile(file, 'mine')
    const url = 'https://westage.example.com/westage.schema.json'
    const refused = await command.run(['init', '--schema', url, file])
    expect(refused).toMatchObject({ code: 1, stderr: `${file} is there already: --force writes over it\n` })
    expect(await readFile(file, 'utf8')).toBe('mine')
    expect(await command.run(['init', '--force', '--schema', url, file])).toMatchObject({ code: 0 })
    expect(await readFile(file, 'utf8')).toContain('publicUrl:')
    await writeFile(join(temporary.path, 'westage.schema.json'), '{}')
    const next = freshFile('westage.yaml')
    expect((await command.run(['init', next])).stderr).toContain('westage.schema.json is there already')
    expect(await readdir(temporary.path)).not.toContain(basename(next))
    expect(await command.run(['init', '--force', next])).toMatchObject({ code: 0 })
  })
})
