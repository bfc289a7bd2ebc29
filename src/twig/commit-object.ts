/** git's commit objects (git documentation: gitformat-pack, git-commit-tree). */

import type { ObjectReader } from './git-object.ts'
import type { SignCommit } from './ssh-signature.ts'

export interface Person {
  readonly name: string
  readonly email: string
}

export interface Commit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Person
  readonly committer: Person
  /** When it was committed, milliseconds since 1970, by the committer's clock. */
  readonly atMs: number
  readonly message: string
}

/**
 * The object's content, with the author as committer, at `at` in UTC.
 * @param sign what gives an armoured signature of a commit without one (git documentation: gitformat-signature)
 */
export function printCommit(
  commit: Pick<Commit, 'tree' | 'parents' | 'message'>,
  author: Person,
  at: Date,
  sign: SignCommit | null,
): Buffer {
  const who = `${identityPart(author.name)} <${identityPart(author.email)}> ${Math.floor(at.getTime() / 1000)} +0000`
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
  ].join('\n')
  const message = commit.message.replaceAll('\0', '').replace(/\n*$/, '\n') // git fsck: nulInCommit
  const plain = Buffer.from(`${head}\n\n${message}`, 'utf8')
  if (sign === null) return plain
  const signature = sign(plain).trimEnd().replaceAll('\n', '\n ')
  return Buffer.from(`${head}\ngpgsig ${signature}\n\n${message}`, 'utf8')
}

/** git takes these out of names and addresses too (git documentation, git-commit: "Commit information"). */
export const identityPart = (text: string): string => text.replace(/[<>\p{Cc}]+/gu, '').trim()

/** @throws where it is no commit object */
function parseCommit(content: Buffer): Commit {
  const text = content.toString('utf8')
  const end = text.indexOf('\n\n')
  const head = end < 0 ? text : text.slice(0, end)
  // What goes on over several lines, such as a signature, begins each further one with a space.
  const lines = head.split('\n')
  const valuesOf = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const [tree] = valuesOf('tree')
  const author = personIn(valuesOf('author')[0])
  const committer = personIn(valuesOf('committer')[0])
  if (tree === undefined || author === null || committer === null) throw new Error('a commit object is damaged')
  const { atMs, ...person } = committer
  const message = end < 0 ? '' : text.slice(end + 2)
  return {
    tree,
    parents: valuesOf('parent'),
    author: { name: author.name, email: author.email },
    committer: person,
    atMs,
    message,
  }
}

/** `Name <address> seconds zone` */
function personIn(line: string | undefined): (Person & { readonly atMs: number }) | null {
  const [, name, email, seconds] = line?.match(/^(.*?) ?<([^>]*)>(?: (\d+))?/s) ?? []
  return name === undefined || email === undefined ? null : { name, email, atMs: Number(seconds ?? 0) * 1000 }
}

/** A commit, read and parsed. */
export const commitIn = async (reader: ObjectReader, id: string): Promise<Commit> =>
  parseCommit(await reader.read(id, 'commit'))
