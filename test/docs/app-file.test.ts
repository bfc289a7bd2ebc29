import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { wantedAddons } from '../../src/settings/addon-settings.ts'
import { parseAppFile } from '../../src/settings/app-file.ts'
import { AppFileSchema } from '../../src/settings/app-file-schema.ts'
import { settingsOf } from './known-settings.ts'
import { codeIn, rowsOf } from './written.ts'

const PAGE = 'docs/app-file.md'
const known = settingsOf(z.toJSONSchema(AppFileSchema, { io: 'input' }), 'addons')
const written = rowsOf(PAGE, 'setting', 'type', 'default', 'meaning')
const [complete = ''] = codeIn(PAGE, 'yaml').filter((text) => text.startsWith('# .westage.yaml'))

describe('the table of .westage.yaml’s settings', () => {
  it('has every setting once, and none that is not there', () => {
    expect(written.map(([key]) => key).toSorted()).toEqual(known.map(({ key }) => key).toSorted())
  })

  it.each(known)('has the type of $key, and what an editor says of it', ({ key, type, description }) => {
    const [, typeCell, , meaning] = written.find(([name]) => name === key) ?? []
    expect(typeCell).toBe(type)
    expect(meaning).toBe(description)
    expect(meaning).toMatch(/\w.*[.]$/)
  })

  it('has as default what a file without the setting says', () => {
    const without = (key: string) => parseAppFile(key.includes('.') ? `${key.split('.')[0]}: {}` : '')
    const [optional, inLists] = [
      written.filter(([key = '']) => !key.includes('[]')),
      written.filter(([key = '']) => key.includes('[]')),
    ]
    for (const [key = '', , cell = ''] of optional) expect(without(key)).toHaveProperty(key, load(cell))
    for (const [key = '', , cell = ''] of inLists) {
      const callback = Object.entries({ source: 'stripe', path: '/' }).filter(([name]) => !key.endsWith(`.${name}`))
      const read = () => parseAppFile(JSON.stringify({ callbacks: [Object.fromEntries(callback)] }))
      if (cell === 'required') expect(read).toThrow(/is missing/)
      else expect(read()).toHaveProperty(key.replace('[]', '[0]'), load(cell))
    }
  })
})

describe('the table of add-ons’ settings', () => {
  it('has every setting that an editor knows, its type and what is said of it', () => {
    const inAddons = settingsOf(z.toJSONSchema(wantedAddons, { io: 'input' }), '')
    const rows = rowsOf(PAGE, 'add-on setting', 'type', 'meaning')
    expect(rows.map(([key, type, meaning]) => ({ key, type, description: meaning }))).toEqual(inAddons)
    expect(inAddons.filter(({ description }) => !description.endsWith('.'))).toEqual([])
  })
})

describe('the .westage.yaml in the documentation', () => {
  it('is accepted, and every setting is in it', () => {
    const file = parseAppFile(complete)
    const everywhere = [file, ...Object.values(file.apps ?? {})]
    const unsaid = Object.keys(file).filter((key) => everywhere.every((said) => !isSaid(said, key)))
    expect(unsaid).toEqual([])
  })
})

const isSaid = (said: object, key: string): boolean =>
  (Object.entries(said).find(([name]) => name === key)?.[1] ?? null) !== null
