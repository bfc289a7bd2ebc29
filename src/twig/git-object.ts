/** git's objects as bytes, and their ids (git documentation: gitformat-pack; "Git Internals - Git Objects" in Pro Git). */
import { createHash } from 'node:crypto'

export type ObjectType = 'commit' | 'tree' | 'blob'

export interface GitObject {
  readonly type: ObjectType
  readonly content: Buffer
}

/** An object's id: 40 hex digits. */
export const objectIdOf = ({ type, content }: GitObject): string =>
  createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')

/** Whether a text can be the id of an object of a SHA-1 repo. */
export const isObjectId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)

/** Where objects are read from. @throws where it is not there, or is of another type */
export interface ObjectReader {
  read(id: string, type: ObjectType): Promise<Buffer>
}
