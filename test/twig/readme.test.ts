import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { showFile } from '../servers/git-cli.ts'
import { gitWorld } from '../servers/git-world.ts'
import { afterTest, FEW_FILES, never } from './branches.ts'

const README = new URL('../../src/twig/README.md', import.meta.url)
const EXAMPLE = new URL('readme-example.ts', import.meta.url)

it('does what the example of its README says', async () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(await readFile(README, 'utf8')) ?? []
  await writeFile(EXAMPLE, (code ?? '').replace("'./branch.ts'", "'../../src/twig/branch.ts'"))
  afterTest(() => rm(EXAMPLE))
  const { server, url, dir, check } = await gitWorld({ files: FEW_FILES })
  const { example } = await import(EXAMPLE.href)
  expect(await example(url, never)).toMatchObject({ changed: true })
  expect(await showFile(dir, 'apps/shop/pr-7/web.yaml')).toBe('kind: Deployment\n')
  expect(server.requests().length).toBe(4)
  await check()
})
