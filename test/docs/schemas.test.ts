/** The JSON Schemas in docs/schema: `npm run schemas` writes them, and an editor that has one agrees with WeStage. */
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigSchema } from '../../src/config/schema.ts'
import { AppFileSchema } from '../../src/settings/app-file-schema.ts'
import { jsonSchemaOf } from '../../src/settings/json-schema.ts'
import { codeIn, ROOT } from './written.ts'

const SCHEMAS = [
  { name: 'westage.yaml', file: 'docs/schema/westage.schema.json', schema: ConfigSchema },
  { name: '.westage.yaml', file: 'docs/schema/app.schema.json', schema: AppFileSchema },
]
const PAGES = ['docs/settings.md', 'docs/running.md', 'docs/app-file.md']
const LEAST = { publicUrl: 'https://westage.test', github: { appId: 7 }, gitops: { url: 'https://git.test/a.git' } }

/** The published schema, read as any reader of JSON Schemas would. */
const publishedOf = (schema: z.ZodType): z.ZodType => z.fromJSONSchema(JSON.parse(jsonSchemaOf(schema, '')))

describe.each(SCHEMAS)('the JSON Schema of $name', ({ name, file, schema }) => {
  it('is what the settings are', async () => {
    await expect(jsonSchemaOf(schema, name)).toMatchFileSnapshot(join(ROOT, file))
  })

  const examples = PAGES.flatMap((page) =>
    codeIn(page, 'yaml')
      .filter((text) => text.startsWith(`# ${name}\n`))
      .map((text) => ({ page, text })),
  )

  it.each(examples)('takes the example in $page', ({ text }) => {
    expect(publishedOf(schema).safeParse(load(text) ?? {}).error).toBeUndefined()
  })

  it('has an example to take', () => {
    expect(examples.length).toBeGreaterThan(0)
  })
})

describe('what an editor underlines', () => {
  const instance = publishedOf(ConfigSchema)
  const app = publishedOf(AppFileSchema)

  it.each([
    ['an unknown setting', { ...LEAST, lable: 'x' }],
    ['an unknown setting in a list', { ...LEAST, apps: [{ name: 'shop', repository: 'acme/shop', imgae: 'x' }] }],
    ['a missing setting', { ...LEAST, github: {} }],
    ['a value that is none of those there are', { ...LEAST, policy: { profile: 'loose' } }],
    ['a wrong type', { ...LEAST, listen: { port: '80' } }],
    ['a quantity that is none', { ...LEAST, namespace: { quota: { pods: 'many' } } }],
  ])('in westage.yaml is %s', (_, document) => {
    expect(instance.safeParse(LEAST).success).toBe(true)
    expect(instance.safeParse(document).success).toBe(false)
  })

  it.each([
    ['what only the instance may say', { env: { A: 'b' } }],
    ['an unknown setting of one app', { apps: { shop: { imgae: 'x' } } }],
    ['a callback without a path', { callbacks: [{ source: 'stripe' }] }],
  ])('in .westage.yaml is %s', (_, document) => {
    expect(app.safeParse({}).success).toBe(true)
    expect(app.safeParse(document).success).toBe(false)
  })
})
