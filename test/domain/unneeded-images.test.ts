import { describe, expect, it } from 'vitest'
import { type ImageSays, type Question, unneededImages } from '../../src/domain/unneeded-images.ts'

const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((digit) => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
  string,
]
const NOBODY = { digests: new Set<string>(), names: new Set<string>() }
const named = (...digests: string[]) => ({ ...NOBODY, digests: new Set(digests) })
const old = (more: Partial<ImageSays> = {}): ImageSays => ({ children: [], createdMs: 10, isOurs: true, ...more })
const tag = (name: string, digest: string, isOwnTag = true) => ({ tag: name, digest, isOwnTag })

function asked(more: Partial<Question>) {
  const question: Question = {
    repository: ['r.example.com/shop'],
    images: [],
    says: new Map([A, B, C, D].map((digest) => [digest, old()])),
    now: NOBODY,
    lately: NOBODY,
    keepFromMs: 100,
    ...more,
  }
  const { verdicts, removable } = unneededImages(question)
  return { kept: Object.fromEntries(verdicts.map((verdict) => [verdict.tag, verdict.kept])), removable }
}

describe('an image', () => {
  it('goes that nobody names and that is old', () => {
    expect(asked({ images: [tag('one', A)] })).toEqual({ kept: { one: null }, removable: [A] })
  })

  it('stays that a folder names, by digest or by tag, or named lately', () => {
    const images = [tag('one', A), tag('two', B), tag('three', C), tag('four', D)]
    const names = new Set(['r.example.com/shop:two', 'r.example.com/other:four'])
    expect(asked({ images, now: { digests: new Set([A]), names }, lately: named(C) })).toEqual({
      kept: { one: 'in use', two: 'in use', three: 'was in use lately', four: null },
      removable: [D],
    })
  })

  it('stays whose tag is none of WeStage’s, that WeStage did not build, that is young or of unknown age', () => {
    const says = new Map([
      [A, old()],
      [B, old({ isOurs: false })],
      [C, old({ createdMs: 100 })],
      [D, old({ createdMs: null })],
    ])
    expect(asked({ images: [tag('cache', A, false), tag('b', B), tag('c', C), tag('d', D)], says })).toEqual({
      kept: { cache: 'not a tag of WeStage', b: 'not built by WeStage', c: 'built lately', d: 'of unknown age' },
      removable: [],
    })
  })

  it('stays of which nothing is known', () => {
    expect(asked({ images: [tag('one', A)], says: new Map() }).kept).toEqual({ one: 'not built by WeStage' })
  })

  it('stays that has another tag which is kept', () => {
    expect(asked({ images: [tag('one', A), tag('release', A, false)] })).toEqual({
      kept: { one: 'the same image as a tag that is kept', release: 'not a tag of WeStage' },
      removable: [],
    })
  })

  it('goes once, with all of its tags', () => {
    expect(asked({ images: [tag('one', A), tag('two', A)] })).toEqual({
      kept: { one: null, two: null },
      removable: [A],
    })
  })
})

describe('an image of several platforms', () => {
  const index = new Map([
    [A, old({ children: [B, C] })],
    [B, old()],
    [D, old({ children: [C] })],
  ])

  it('goes before what it lists', () => {
    expect(asked({ images: [tag('one', A)], says: index }).removable).toEqual([A, B, C])
  })

  it('stays where a folder names one of its platforms', () => {
    expect(asked({ images: [tag('one', A)], says: index, now: named(C) })).toEqual({
      kept: { one: 'in use' },
      removable: [],
    })
  })

  it('keeps the tags of its platforms', () => {
    const images = [tag('one', A), tag('amd64', B)]
    expect(asked({ images, says: index, now: named(A) }).kept).toEqual({
      one: 'in use',
      amd64: 'the same image as a tag that is kept',
    })
  })

  it('leaves the platforms that another one lists too', () => {
    const images = [tag('one', A), tag('two', D)]
    expect(asked({ images, says: index, now: named(D) })).toEqual({
      kept: { one: null, two: 'in use' },
      removable: [A, B],
    })
  })
})
