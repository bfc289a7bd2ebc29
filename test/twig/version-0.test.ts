import { expect, it } from 'vitest'
import { startGitServer } from '../servers/git-server.ts'
import { type Lesser, startLesserGitServer } from '../servers/lesser-git-server.ts'
import { afterTest } from './branches.ts'
import { type EverydayRequests, everyday, START } from './everyday.ts'

/** A look tells the refs; a push is one request, and one more look whether it is there. */
const REQUESTS: EverydayRequests = { coldStart: 2, lookAgain: 1, readFolder: 0, add: 3, update: 2, race: 5, remove: 2 }
/** What was left out comes when it is asked for. */
const FILTERED: EverydayRequests = { ...REQUESTS, readFolder: 1 }

const ANY: readonly [string, string] = ['uploadpack.allowAnySHA1InWant', 'true']

const servers: [string, readonly (readonly [string, string])[], Lesser, EverydayRequests][] = [
  ['gives tips alone', [], {}, REQUESTS],
  ['gives any object', [ANY], {}, FILTERED],
  ['gives what can be reached', [['uploadpack.allowReachableSHA1InWant', 'true']], {}, FILTERED],
  ['refuses the filter of trees', [ANY, ['uploadpackfilter.tree.allow', 'false']], {}, { ...FILTERED, coldStart: 3 }],
  ['filters nothing', [ANY, ['uploadpack.allowFilter', 'false']], {}, REQUESTS],
  ['has no bands', [], { without: ['side-band', 'side-band-64k'] }, REQUESTS],
  ['has no shallow histories', [], { without: ['shallow'] }, REQUESTS],
  ['has the newer report alone', [], { without: ['report-status'] }, REQUESTS],
  ['takes no thin packs', [], { isThick: true }, REQUESTS],
]

it.each(servers)('reads and writes a server of version 0 that %s', async (_, config, lesser, requests) => {
  const server = await startGitServer({ repositories: { gitops: { files: START, config } } })
  afterTest(() => server.close())
  const less = await startLesserGitServer(new URL(server.url('gitops')).origin, lesser)
  afterTest(() => less.close())
  const sent = () => server.requests().length
  expect(await everyday(less.url('gitops'), server.dir('gitops'), sent)).toEqual(requests)
})
