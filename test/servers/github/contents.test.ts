import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, askAsInstallation } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'

describe('contents of the GitHub double', () => {
  let github: GitHub
  let ask: Ask
  let sha = ''
  beforeEach(async () => {
    github = await startGitHub()
    github.addRepository('acme/shop', { 'README.md': 'shop', 'docs/a.md': 'a', 'docs/deep/b.md': 'b' })
    const number = github.openPull('acme/shop', { branch: 'feat/a', files: { 'README.md': 'x'.repeat(100) } })
    sha = github.headOf('acme/shop', number)
    ask = await askAsInstallation(github, 'acme/shop')
  })
  afterEach(() => github.close())

  it('are a file at a commit, in base64 of short lines', async () => {
    const { body } = await ask('GET', `/repos/acme/shop/contents/README.md?ref=${sha}`)
    expect(body).toMatchObject({ type: 'file', encoding: 'base64', size: 100, path: 'README.md' })
    const content = String(body.content)
    expect(content.split('\n')[0]).toHaveLength(60)
    expect(Buffer.from(content, 'base64').toString()).toBe('x'.repeat(100))
    const { body: onMain } = await ask('GET', '/repos/acme/shop/contents/README.md')
    expect(Buffer.from(String(onMain.content), 'base64').toString()).toBe('shop')
  })

  it('are a list for a folder, and 404 where there is nothing', async () => {
    const { list } = await ask('GET', `/repos/acme/shop/contents/docs?ref=${sha}`)
    expect(list.map(({ name, type }) => [name, type])).toEqual([
      ['a.md', 'file'],
      ['deep', 'dir'],
    ])
    expect((await ask('GET', `/repos/acme/shop/contents/nothing?ref=${sha}`)).status).toBe(404)
    expect((await ask('GET', `/repos/acme/shop/contents/README.md?ref=${'0'.repeat(40)}`)).status).toBe(404)
  })
})
