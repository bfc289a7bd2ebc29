/**
 * How long a commit takes by a push and by GitHub's API, against the servers of the tests, on this machine: what
 * github.com takes is another matter. `npx tsx test/bench/write-ways.ts`
 */
import { setMaxListeners } from 'node:events'
import { connectGitHub } from '../../src/adapters/github/connect.ts'
import { openPreviewBranch, type PreviewBranchOptions } from '../../src/adapters/gitops/preview-branch.ts'
import type { PreviewBranch } from '../../src/ports.ts'
import { startGitServer } from '../servers/git-server.ts'
import { startGitHub } from '../servers/github/github.ts'

const REPO = 'acme/previews'
const PREVIEWS = 1000
const ROUNDS = 20
const AT_ONCE = 20
const never = new AbortController().signal
setMaxListeners(0, never)

const filesOf = (text: string) =>
  new Map(Array.from({ length: 12 }, (_, nth) => [`manifests/${nth}.yaml`, `# ${text}\n`.padEnd(2000, `${nth}`)]))
const folderOf = (pull: number) => `previews/shop/pr-${pull + 1}`
const files = Object.fromEntries(
  Array.from({ length: PREVIEWS }, (_, pull) =>
    [...filesOf(`start ${pull}`)].map(([path, text]) => [`${folderOf(pull)}/${path}`, text] as const),
  ).flat(),
)

const server = await startGitServer({ repositories: { [REPO]: { files } } })
const github = await startGitHub({ pointsPerHour: 1_000_000, requestsPerHour: 1_000_000 })
github.addRepository(REPO, { 'README.md': 'previews' })
github.keepIn(REPO, server.dir(REPO))
const { apiUrl, appId, privateKey } = github
const connection = connectGitHub({
  ...{ apiUrl, appId, privateKey, label: 'westage', writesPerMinute: 1_000_000 },
  log: () => undefined,
})
const opened = (more: Partial<PreviewBranchOptions>) =>
  openPreviewBranch({
    ...{ url: server.url(REPO), branch: 'main', author: { name: 'WeStage', email: 'westage@localhost' } },
    ...{ credentials: null, pushes: { perMinute: 1_000_000, burst: 1000 }, log: () => undefined },
    parsePreview: () => ({ fault: 'not looked at' }),
    ...more,
  })
const ways = {
  push: opened({}),
  api: opened({ writer: connection.commitOnBranch(server.url(REPO), 'main') }),
}

/** Milliseconds of so many commits at once, on a tip that is at hand. */
async function timed(branch: PreviewBranch, pulls: readonly number[], text: string): Promise<number> {
  const changes = []
  for (const pull of pulls) {
    const path = folderOf(pull)
    const { tree } = await branch.folder(path, never)
    changes.push({ path, files: filesOf(text), onto: tree, message: `shop #${pull}: ${text}\n` })
  }
  const startedAtMs = performance.now()
  await Promise.all(changes.map((change) => branch.commit(change, never)))
  return performance.now() - startedAtMs
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

for (const count of [1, AT_ONCE]) {
  const times: Record<keyof typeof ways, number[]> = { push: [], api: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ['push', 'api'] as const) {
      const pulls = Array.from({ length: count }, (_, nth) => (round * AT_ONCE + nth) % PREVIEWS)
      times[way].push(await timed(ways[way], pulls, `${way} ${count} ${round}`))
    }
  }
  for (const way of ['push', 'api'] as const) {
    console.log(`${count} at once by ${way}: ${median(times[way]).toFixed(0)} ms (median of ${ROUNDS})`)
  }
}

await Promise.all(Object.values(ways).map((branch) => branch.close()))
await github.close()
await server.close()
