/** git's commit objects (git documentation: gitformat-pack, git-commit-tree). */

export interface Person {
  readonly name: string
  readonly email: string
}

export interface Commit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly committer: Person
  readonly message: string
}

/** The object's content, with the author as committer, at `at` in UTC. */
export function printCommit(commit: Omit<Commit, 'committer'>, author: Person, at: Date): Buffer {
  const who = `${identityPart(author.name)} <${identityPart(author.email)}> ${Math.floor(at.getTime() / 1000)} +0000`
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
  ]
  const message = commit.message.replaceAll('\0', '').replace(/\n*$/, '\n') // git fsck: nulInCommit
  return Buffer.from(`${head.join('\n')}\n\n${message}`, 'utf8')
}

/** git takes these out of names and addresses too (git documentation, git-commit: "Commit information"). */
export const identityPart = (text: string): string => text.replace(/[<>\p{Cc}]+/gu, '').trim()

/** @throws where it is no commit object */
export function parseCommit(content: Buffer): Commit {
  const text = content.toString('utf8')
  const end = text.indexOf('\n\n')
  const head = end < 0 ? text : text.slice(0, end)
  const valuesOf = (name: string) =>
    [...head.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, value]) => value ?? '')
  const [tree] = valuesOf('tree')
  const [, name, email] = valuesOf('committer')[0]?.match(/^(.*?) ?<([^>]*)>/) ?? []
  if (tree === undefined || name === undefined || email === undefined) throw new Error('a commit object is damaged')
  return { tree, parents: valuesOf('parent'), committer: { name, email }, message: end < 0 ? '' : text.slice(end + 2) }
}
