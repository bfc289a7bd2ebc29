import { describe, expect, it } from 'vitest'
import { Terminal } from '../../src/domain/errors.ts'
import { choicesOf, parseAppFile, unknownApps } from '../../src/settings/app-file.ts'

function faultOf(text: string): Terminal {
  try {
    parseAppFile(text)
  } catch (error) {
    if (error instanceof Terminal) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('a .westage.yaml', () => {
  it('that says nothing leaves everything to the instance', () => {
    const nothing = {
      folder: null,
      context: null,
      dockerfile: null,
      build: null,
      image: null,
      images: null,
      when: null,
      paths: null,
      expose: null,
      followHosts: null,
      replicas: null,
      cronJobs: null,
      addons: null,
      callbacks: null,
    }
    expect(choicesOf(parseAppFile(''), 'shop')).toEqual(nothing)
    expect(choicesOf(parseAppFile('# only words\n'), 'shop')).toEqual(nothing)
    expect(choicesOf(parseAppFile('addons:\nexpose: null\n'), 'shop')).toEqual(nothing)
  })

  it('chooses for the app', () => {
    const text =
      'folder: k8s/\nexpose: [shop.example.com, "*.example.com"]\nreplicas: { web: 2 }\naddons: { redis: , mysql: { database: shop } }'
    expect(choicesOf(parseAppFile(text), 'shop')).toMatchObject({
      folder: 'k8s',
      expose: ['shop.example.com', '*.example.com'],
      replicas: { web: 2 },
      addons: { redis: {}, mysql: { database: 'shop' } },
    })
  })

  it('of a repo with several apps chooses for each, over what it chooses for all', () => {
    const file = parseAppFile('context: .\nimage: shop\napps: { shop-api: { image: api, cronJobs: [] } }')
    expect(choicesOf(file, 'shop-api')).toMatchObject({ context: '.', image: 'api', cronJobs: [] })
    expect(choicesOf(file, 'shop-web')).toMatchObject({ context: '.', image: 'shop', cronJobs: null })
    expect(choicesOf(file, 'constructor')).toMatchObject({ image: 'shop' })
  })

  it('is told of names that are none of the repo’s apps, with the nearest that is', () => {
    const file = parseAppFile('apps: { shop-api: {}, shop-wbe: {}, mail: {} }')
    expect(unknownApps(file, ['shop-api', 'shop-web'])).toEqual([
      '.westage.yaml: apps.shop-wbe: is no app of this repo here and counts for nothing; did you mean shop-web?',
      '.westage.yaml: apps.mail: is no app of this repo here and counts for nothing; there is shop-api, shop-web',
    ])
    expect(unknownApps(parseAppFile(''), ['shop'])).toEqual([])
  })

  it('says of several images by their names, or of one, and mixes neither with the other', () => {
    const choices = (text: string) => {
      const { images, context, dockerfile } = choicesOf(parseAppFile(text), 'shop')
      return { images: images && Object.keys(images), context, dockerfile }
    }
    const images = 'images: { web: {}, worker: { dockerfile: b } }'
    expect(choices(images)).toEqual({ images: ['web', 'worker'], context: null, dockerfile: null })
    expect(choices(`context: a\napps: { shop: { ${images} } }`)).toMatchObject({
      images: ['web', 'worker'],
      context: null,
    })
    expect(choices(`${images}\napps: { shop: { dockerfile: d } }`)).toEqual({
      ...{ images: null, context: null, dockerfile: 'd' },
    })
    expect(choices(`${images}\napps: { shop: { folder: d } }`).images).toEqual(['web', 'worker'])
    expect(choices('context: a\napps: { shop: { dockerfile: d } }')).toMatchObject({ context: 'a', dockerfile: 'd' })
  })

  it('is refused with every fault at once: line, setting, and the nearest right one', () => {
    const fault = faultOf(
      'imgae: shop\nfolder: ../elsewhere\nreplicas:\n  web: two\napps:\n  shop:\n    callback: []\n',
    )
    expect(fault.whose).toBe('author')
    expect(fault.message.split('; .')).toEqual([
      '.westage.yaml:1: imgae: is not a setting; did you mean image?',
      'westage.yaml:2: folder: is not a path inside the repo',
      'westage.yaml:4: replicas.web: has to be a number, and is text',
      'westage.yaml:7: apps.shop.callback: is not a setting; did you mean apps.shop.callbacks?',
    ])
  })

  it.each([
    ['a variable, which is the instance’s to set', 'env: { A: b }', '.westage.yaml:1: env: is not a setting'],
    ['a policy', 'policy: { profile: trusted }', '.westage.yaml:1: policy: is not a setting'],
    ['a key twice', 'image: a\n\nimage: b', '.westage.yaml:3: image: is there twice, first in line 1'],
    ['no YAML', 'image: [a\n', ".westage.yaml:2: can't be read as YAML: "],
    ['a list', '- image: a', '.westage.yaml:1: has to be a section, and is a list'],
    ['two documents', 'image: a\n---\nimage: b', '.westage.yaml:3: has more than one document'],
    ['an alias', 'image: &a shop\nfolder: *a', ".westage.yaml:2: can't be read as YAML"],
    ['no pods at all', 'replicas: { web: 0 }', '.westage.yaml:1: replicas.web: has to be more than 0'],
    ['a host that is none', 'expose: [https://a.test]', '.westage.yaml:1: expose[0]: is not a host'],
    [
      'the name of an app that can be none',
      'apps: { Shop: {} }',
      '.westage.yaml:1: apps.Shop: is not the name of an app',
    ],
    [
      'a callback that is no path',
      'callbacks: [{ source: a, path: b }]',
      'callbacks[0].path: is not the path of a URL',
    ],
    [
      'a callback that goes to another host',
      'callbacks: [{ source: a, path: //evil.test/b }]',
      'callbacks[0].path: is not the path of a URL',
    ],
    [
      'both forms of images',
      'dockerfile: a\nimages: { web: {} }',
      '.westage.yaml:1: dockerfile: is set beside images: put it under the image that it is for',
    ],
    [
      'both of an app’s',
      'apps:\n  shop:\n    images: { web: {} }\n    build: {}',
      '.westage.yaml:4: apps.shop.build: is set beside images',
    ],
    ['an image’s name that can stand in no tag', 'images: { Web: {} }', 'images.Web: is not the name of an image'],
    ['a list of no images', 'images: {}', '.westage.yaml:1: images: names no image'],
    [
      'a build secret',
      'images: { web: { build: { secrets: { a: b } } } }',
      '.westage.yaml:1: images.web.build.secrets: is not a setting',
    ],
    ['a path that no file can have', 'folder: "a\\0b"', '.westage.yaml:1: folder: is not a path'],
    ['a NUL byte', 'image: a\0b', ".westage.yaml:1: can't be read as YAML: null byte"],
  ])('is refused with %s', (_, text, words) => {
    expect(faultOf(text).message).toContain(words)
  })

  it('that is huge, deep or wrong throughout is refused in a few words', () => {
    expect(faultOf(`image: ${'x'.repeat(200_000)}`).message).toContain('longer than 100000 characters')
    expect(faultOf(`image: ${'['.repeat(50_000)}`).message).toMatch(/nesting/)
    const keys = Array.from({ length: 5_000 }, (_, at) => `key${at}: 1`)
    const { message } = faultOf(keys.join('\n'))
    expect(message).toContain('and 4980 more')
    expect(message.length).toBeLessThan(2_000)
  })

  it('can not put a line or a terminal’s commands into what is said of it', () => {
    expect(faultOf('"a\\nb\\e[31m\\u202e": 1').message).toBe('.westage.yaml:1: ["a?b?[31m?"]: is not a setting')
  })
})
