/** One repo with many pull requests does not keep the next repo waiting: through the whole loop, kustomize real. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { type Given, givenInstance, REPO } from './given.ts'
import { SAMPLE } from './sample.ts'

const path = process.env.PATH ?? ''
const MANY = 6
const OTHER = 'acme/other'

let here: Given
let tools = ''
afterEach(async () => {
  await here?.close()
  await rm(tools, { recursive: true, force: true })
})

/** A kustomize whose first build waits until it is let go; after that it is the real one. @returns lets it go */
async function heldKustomize(): Promise<() => Promise<void>> {
  tools = await mkdtemp(join(tmpdir(), 'tools-'))
  const [gate, first] = [join(tools, 'gate'), join(tools, 'first')]
  await promisify(execFile)('mkfifo', [gate])
  await writeFile(first, '')
  const kustomize = await commandPathOf('kustomize', path)
  const real = kustomize === null ? `${await commandPathOf('kubectl', path)} kustomize` : `${kustomize} build`
  const script = `#!/bin/sh
[ "$1" = version ] && echo v5.0.0 && exit
if /bin/rm ${first} 2>/dev/null; then read _ < ${gate}; fi
exec ${real} "$2"
`
  await writeFile(join(tools, 'kustomize'), script)
  await chmod(join(tools, 'kustomize'), 0o755)
  return async () => {
    await using writer = await open(gate, 'w')
    await writer.write('go\n')
  }
}

it('takes turns between repos, and who waits to be prepared keeps nobody else from being looked at', async () => {
  const letGo = await heldKustomize()
  here = await givenInstance({
    path: `${tools}:${path}`,
    settings: { concurrency: { previews: 2, prepares: 1 } },
  })
  here.github.addRepository(OTHER, SAMPLE)
  const pulls = Array.from({ length: MANY }, (_, nth) => here.openPull(`feat/${nth}`))
  const isQueued = (pull: number, repo = REPO) => {
    const deployment = here.github.deployments(repo).find(({ sha }) => sha === here.github.headOf(repo, pull))
    return deployment?.statuses.at(-1)?.state === 'queued'
  }
  await here.until(() => expect(pulls.filter((pull) => isQueued(pull))).toHaveLength(MANY - 1))

  const next = here.github.openPull(OTHER, { branch: 'fix', files: { 'site/index.html': 'x' }, labels: ['westage'] })
  await here.until(() => expect(isQueued(next, OTHER)).toBe(true))
  const closed = pulls.findLast((pull) => isQueued(pull)) ?? 0
  here.github.closePull(REPO, closed)
  await here.until(() => expect(here.checkOf(closed)).toMatchObject({ status: 'completed' }))

  await letGo()
  for (const pull of pulls) if (pull !== closed) await here.live(pull)
  const committed = (await here.commits()).map(({ message }) => message).toReversed()
  const nth = committed.findIndex((message) => message.includes(`${OTHER}/`))
  const before = committed.slice(0, nth).filter((message) => message.includes(`${REPO}/`))
  expect(nth).toBeGreaterThan(0)
  // The one that was under way, and one that waited before.
  expect(before.length).toBeLessThanOrEqual(2)
})
