/** GitHub: GraphQL, createCommitOnBranch: one commit on top of a branch's head, in a real repo. */
import { z } from 'zod'
import { type Caller, canSee, requirePermission } from './app-auth.ts'
import { Refusal } from './errors.ts'
import { clashOf, commitInGit, headIn, missingIn } from './git-commits.ts'
import { MutationRefusal } from './graphql-refusal.ts'
import { fullNameOf, type Repository } from './repository.ts'
import type { World } from './world.ts'

const OBJECT_ID = /^[0-9a-f]{40}$/
/** RFC 4648, with its padding: GitHub, GraphQL reference, FileChanges. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** Not documented; users of the API found 40 MB to be too much (grafana/github-api-commit-action, pull request 66). */
const MAX_BYTES = 40_000_000

const Input = z.object({
  branch: z.object({
    branchName: z.string().nullish(),
    id: z.string().nullish(),
    repositoryNameWithOwner: z.string().nullish(),
  }),
  clientMutationId: z.string().nullish(),
  expectedHeadOid: z.string(),
  fileChanges: z
    .object({
      additions: z.array(z.object({ path: z.string(), contents: z.string() })).nullish(),
      deletions: z.array(z.object({ path: z.string() })).nullish(),
    })
    .nullish(),
  message: z.object({ headline: z.string(), body: z.string().nullish() }),
})

/** One write at a time in a repo, as GitHub's lock on a ref has it. */
const turns = new Map<string, Promise<unknown>>()

/** @throws {MutationRefusal} for whatever GitHub refuses */
export async function commitOnBranch(world: World, caller: Caller, given: unknown) {
  const input = Input.parse(given)
  const { repository, branch } = targetOf(world, caller, input.branch)
  const dir = world.state.gitDirs.get(repository.id)
  if (dir === undefined) throw new Error(`${fullNameOf(repository)} has no git repo: tell the double by keepIn`)
  const additions = input.fileChanges?.additions ?? []
  const deletions = (input.fileChanges?.deletions ?? []).map(({ path }) => path)
  refuseMalformed(input.expectedHeadOid, additions, deletions, input.message.headline)

  const work = async () => {
    const head = await headIn(dir, branch)
    if (head === null) throw new MutationRefusal('NOT_FOUND', 'Branch not found')
    if (head !== input.expectedHeadOid) throw stale(input.expectedHeadOid)
    const rule = world.state.protectedBranches.get(`${repository.id} ${branch}`)
    if (rule !== undefined) throw protectedBy(rule)
    const missing = await missingIn(dir, head, deletions)
    if (missing !== null)
      throw new MutationRefusal(
        'NOT_FOUND',
        `A path was requested for deletion which does not exist as of commit oid \`${head}\``,
      )
    const { headline, body } = input.message
    const made = await commitInGit(dir, branch, head, {
      additions: additions.map(({ path, contents }) => ({ path, content: Buffer.from(contents, 'base64') })),
      deletions,
      message: `${headline}\n\n${body ?? ''}`.trimEnd(),
      author: {
        name: world.state.bot().login,
        email: `${world.state.bot().id}+${world.state.bot().login}@users.noreply.github.com`,
      },
      atMs: world.state.now(),
    })
    if (made === 'moved') throw stale(input.expectedHeadOid)
    return { clientMutationId: input.clientMutationId ?? null, commit: made }
  }
  const turn = (turns.get(dir) ?? Promise.resolve()).then(work, work)
  turns.set(dir, turn)
  return turn
}

function targetOf({ state }: World, caller: Caller, branch: z.output<typeof Input>['branch']) {
  const { branchName, repositoryNameWithOwner: name, id } = branch
  if (id != null) throw new MutationRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`)
  if (branchName == null || name == null)
    throw new MutationRefusal('UNPROCESSABLE', 'Either id or both repositoryNameWithOwner and branchName are needed')
  const repository = state.repositoryNamed(name)
  if (repository === null || !canSee(caller, repository) || !isItsName(repository, name))
    throw new MutationRefusal('NOT_FOUND', `Could not resolve to a Repository with the name '${name}'.`)
  try {
    requirePermission(caller, repository, ['contents', 'write'])
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    throw new MutationRefusal('FORBIDDEN', refusal.message)
  }
  return { repository, branch: branchName.replace(/^refs\/heads\//, '') }
}

const isItsName = (repository: Repository, name: string): boolean =>
  fullNameOf(repository).toLowerCase() === name.toLowerCase()

function refuseMalformed(
  head: string,
  additions: readonly { path: string; contents: string }[],
  deletions: readonly string[],
  headline: string,
): void {
  const refused = (why: string) => new MutationRefusal('UNPROCESSABLE', why)
  if (!OBJECT_ID.test(head)) throw refused(`'${head}' is not a git object id`)
  if (headline.trim() === '' || headline.includes('\n')) throw refused('The headline is one line, and not empty')
  const paths = [...additions.map(({ path }) => path), ...deletions]
  const bad = paths.find((path) => !isPath(path))
  if (bad !== undefined) throw refused(`'${bad}' is not a path in a repo`)
  if (new Set(paths).size < paths.length) throw refused('A path was given more than once')
  const clash = clashOf(additions.map(({ path }) => path))
  if (clash !== null) throw refused(`'${clash}' is a file and a folder`)
  if (additions.some(({ contents }) => !BASE64.test(contents))) throw refused('The contents are not RFC 4648 base64')
  if (additions.reduce((bytes, { contents }) => bytes + contents.length, 0) > MAX_BYTES) throw refused('Too large')
}

/** GitHub: FileChanges: unix separators, no slash in front. git fsck: what no tree may hold. */
const isPath = (path: string): boolean =>
  path !== '' &&
  !/[\0\p{Cs}]/u.test(path) &&
  path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git')

const stale = (head: string): MutationRefusal =>
  new MutationRefusal('STALE_DATA', `Expected branch to point to "${head}" but it did not. Pull and try again.`)

/** Classic protection has a type of its own, a ruleset has not (Thinkmill/keystatic, issues 1559 and 1598). */
const protectedBy = (rule: 'protection' | 'ruleset'): MutationRefusal =>
  rule === 'protection'
    ? new MutationRefusal('BRANCH_PROTECTION_RULE_VIOLATION', 'Changes must be made through a pull request.')
    : new MutationRefusal(
        'UNPROCESSABLE',
        'Repository rule violations found\n\nChanges must be made through a pull request.\n\n',
      )
