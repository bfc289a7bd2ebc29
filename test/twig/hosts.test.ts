import { expect, it } from 'vitest'
import { startGitServer } from '../servers/git-server.ts'
import { afterTest, changeOf, checkedHistory, never, open } from './branches.ts'
import { type EverydayRequests, everyday, START } from './everyday.ts'

type Settings = readonly (readonly [string, string])[]

/** What is asked of git as it comes: what it can do, where the branch is, the trees of its tip. */
const REQUESTS: EverydayRequests = { coldStart: 3, lookAgain: 1, readFolder: 1, add: 1, update: 1, race: 4, remove: 1 }

const hosts: [string, Settings, Partial<EverydayRequests>][] = [
  ['lets trees be filtered', [], {}],
  ['lets nothing be filtered', [['uploadpack.allowFilter', 'false']], { readFolder: 0 }],
  ['lets trees not be filtered', [['uploadpackfilter.tree.allow', 'false']], { coldStart: 4 }],
  ['lets trees be filtered to no depth', [['uploadpackfilter.tree.maxDepth', '0']], { coldStart: 4 }],
  ['gives no object that is no tip to old clients', [['uploadpack.allowAnySHA1InWant', 'false']], {}],
  ['gives any object', [['uploadpack.allowAnySHA1InWant', 'true']], {}],
  ['takes no push that rewinds', [['receive.denyNonFastForwards', 'true']], {}],
  ['takes no push of all or nothing', [['receive.advertiseAtomic', 'false']], {}],
  [
    'checks each object',
    [
      ['receive.fsckObjects', 'true'],
      ['transfer.fsckObjects', 'true'],
    ],
    {},
  ],
  ['unpacks nothing', [['receive.unpackLimit', '1']], {}],
  // As far as their documentation, sources and answers tell.
  [
    'is set up as GitHub is',
    [
      ['uploadpack.allowAnySHA1InWant', 'true'],
      ['uploadpackfilter.allow', 'false'],
      ['uploadpackfilter.blob:none.allow', 'true'],
      ['uploadpackfilter.tree.allow', 'true'],
      ['uploadpackfilter.tree.maxDepth', '0'],
      ['receive.advertisePushOptions', 'true'],
      ['receive.fsckObjects', 'true'],
    ],
    { coldStart: 4 },
  ],
  [
    'is set up as GitLab is',
    [
      ['uploadpack.allowAnySHA1InWant', 'true'],
      ['receive.fsckObjects', 'true'],
      ['receive.autogc', 'false'],
      ['transfer.hideRefs', 'refs/keep-around'],
    ],
    {},
  ],
  [
    'is set up as Gitea is',
    [
      ['uploadpack.allowAnySHA1InWant', 'true'],
      ['receive.advertisePushOptions', 'true'],
      ['receive.procReceiveRefs', 'refs/for'],
    ],
    {},
  ],
]

it.each(hosts)('reads and writes at a host that %s', async (_, config, differing) => {
  const server = await startGitServer({ repositories: { gitops: { files: START, config } } })
  afterTest(() => server.close())
  const sent = () => server.requests().length
  const requests = await everyday(server.url('gitops'), server.dir('gitops'), sent)
  expect(requests).toEqual({ ...REQUESTS, ...differing })
})

const says = (lines: readonly string[]) => `${lines.map((line) => `echo "${line}" >&2`).join('\n')}\nexit 1`

const GH006 = [
  'error: GH006: Protected branch update failed for refs/heads/main.',
  'error: Changes must be made through a pull request.',
]
const GH013 = [
  'error: GH013: Repository rule violations found for refs/heads/main.',
  '- Changes must be made through a pull request.',
]
const UNSIGNED = [
  'error: GH013: Repository rule violations found for refs/heads/main.',
  '- Commits must have verified signatures.',
]
const GITLAB = ['GitLab: You are not allowed to push code to protected branches on this project.']
const GITEA = ['Gitea: Not allowed to push to protected branch main']

it.each([
  ["GitHub's protected branch", GH006, 'branch protected'],
  ["GitHub's ruleset", GH013, 'branch protected'],
  ["GitHub's rule on signatures", UNSIGNED, 'signatures required'],
  ["GitLab's protected branch", GITLAB, 'branch protected'],
  ["Gitea's protected branch", GITEA, 'branch protected'],
])('is refused by %s in one push, however many changes wait, and takes up again when it may', async (_, words, why) => {
  const server = await startGitServer({ repositories: { gitops: { files: START } } })
  afterTest(() => server.close())
  const branch = open(server.url('gitops'))
  await server.hook('gitops', 'pre-receive', says(words))
  const changes = ['one', 'two', 'three'].map((name) => changeOf(name, 'there'))
  const refused = await Promise.allSettled(changes.map((change) => branch.commit(change, never)))
  for (const each of refused) {
    expect(each).toMatchObject({ status: 'rejected', reason: { name: 'Refused', why, details: words } })
  }
  expect(server.pushes()).toBe(1)
  expect(await checkedHistory(server.dir('gitops'))).toHaveLength(1)

  await server.hook('gitops', 'pre-receive', null)
  await Promise.all(changes.map((change) => branch.commit(change, never)))
  expect(await checkedHistory(server.dir('gitops'))).toHaveLength(4)
})

it('is refused what is too large for the host, and nothing that waited with it', async () => {
  const config: Settings = [['receive.maxInputSize', '4000']]
  const server = await startGitServer({ repositories: { gitops: { files: START, config } } })
  afterTest(() => server.close())
  const branch = open(server.url('gitops'))
  const noise = Array.from({ length: 4000 }, (_, nth) => ((nth * 2_654_435_761) % 4_294_967_291).toString(36)).join('')
  const done = await Promise.allSettled(
    [changeOf('small', 'there'), changeOf('large', noise)].map((change) => branch.commit(change, never)),
  )
  expect(done).toMatchObject([
    { status: 'fulfilled', value: { changed: true } },
    { status: 'rejected', reason: { name: 'Refused', why: 'push too large' } },
  ])
  expect(await checkedHistory(server.dir('gitops'))).toEqual(['Start of the GitOps repo', 'small: there'])
})
