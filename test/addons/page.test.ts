/** What docs/add-ons.md says is so. */
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { additionsOf, catalogue, promisedBy } from '../../src/addons/catalogue.ts'
import { objectOf, textOf } from '../../src/manifests/json.ts'
import { containersOf, podSpecsOf } from '../../src/manifests/pod-templates.ts'
import { codeIn, rowsOf } from '../docs/written.ts'
import { instanceOf } from './sample.ts'

const PAGE = 'docs/add-ons.md'
const names = catalogue.map(({ name }) => name)
const told = rowsOf(PAGE, 'add-on', 'what it is', "what the app's containers are told")
const images = rowsOf(PAGE, 'image of', 'tag of that digest', 'user and group', 'requests', 'memory limit')

describe('the page about add-ons', () => {
  it('has every add-on in both tables', () => {
    expect(told.map(([name]) => name)).toEqual(names)
    expect(images.map(([name]) => name)?.toSorted()).toEqual(names.toSorted())
  })

  it.each(names)('names the variables of %s', (name) => {
    const wanted = { [name]: name === 's3' ? { buckets: ['uploads'] } : {} }
    const [, , cell = ''] = told.find(([first]) => first === name) ?? []
    const named = [...cell.matchAll(/`((?:WESTAGE|AWS)_[A-Z0-9_]+)`/g)].map(([, variable]) => variable)
    const own = promisedBy(wanted).env.map((variable) => variable.name)
    expect(named.toSorted()).toEqual(own.filter((each) => /^(WESTAGE|AWS_ENDPOINT_URL)_/.test(each)).toSorted())
  })

  it.each(names)('says truly what %s runs, as whom, and how big', (name) => {
    const manifests = additionsOf({ [name]: {} }, instanceOf())
    const [spec] = manifests.flatMap((manifest) => podSpecsOf(manifest))
    const [container] = manifests.flatMap((manifest) => containersOf(manifest)).slice(-1)
    const { runAsUser, runAsGroup } = objectOf(spec?.securityContext)
    const { requests, limits } = objectOf(container?.resources)
    const [, tag = '', ...rest] = images.find(([first]) => first === name) ?? []
    expect(rest).toEqual([
      `${runAsUser}:${runAsGroup}`,
      `${objectOf(requests).cpu}, ${objectOf(requests).memory}`,
      objectOf(limits).memory,
    ])
    expect(textOf(container?.image).split('@')[0]).toBe(tag.split(':')[0])
  })

  it('has examples that the catalogue takes', () => {
    const Section = z.object({ addons: z.record(z.string(), z.unknown()) })
    const sections = codeIn(PAGE, 'yaml').flatMap((text) => {
      const read = Section.safeParse(load(text))
      return read.success ? [read.data.addons] : []
    })
    expect(sections.length).toBeGreaterThan(0)
    for (const addons of sections) expect(promisedBy(addons).env.length).toBeGreaterThan(0)
  })
})
