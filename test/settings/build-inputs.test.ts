import { describe, expect, it } from 'vitest'
import { BuildSettingsSchema, chosenInputs } from '../../src/settings/build-inputs.ts'

describe('what an image is built with', () => {
  it.each([
    [{ args: { 'NODE-ENV': 'x' } }, /name of an argument/],
    [{ args: { BUILDKIT_SYNTAX: 'acme/frontend' } }, /argument of the builder/],
    [{ args: { MODE: 'a\0b' } }, /a sign that nobody sees/],
    [{ target: '--output' }, /name of a stage/],
    [{ secrets: { '../npmrc': '/etc/npmrc' } }, /name of a secret/],
    [{ platforms: ['amd64'] }, /platform such as linux\/amd64/],
    [{ platforms: ['linux/amd64,linux/arm64'] }, /platform such as/],
  ])('is refused where no builder could take it: %j', (inputs, words) => {
    expect(BuildSettingsSchema.safeParse(inputs).error?.message).toMatch(words)
  })

  it('is the instance’s, with what an author chose over it', () => {
    const own = { args: { MODE: 'preview', REGION: 'eu' }, target: 'web', platforms: ['linux/amd64'] }
    expect(chosenInputs(own, null)).toEqual(own)
    expect(chosenInputs(own, { args: { MODE: 'full' }, target: null, platforms: ['linux/arm64/v8'] })).toEqual({
      args: { MODE: 'full', REGION: 'eu' },
      target: 'web',
      platforms: ['linux/arm64/v8'],
    })
  })
})
