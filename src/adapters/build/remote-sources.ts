/** What a Dockerfile gets from elsewhere each time that it is built: ADD of a URL or of a git repo. */
import { type Instruction, instructionsOf } from './dockerfile-lines.ts'

/** Docker, "Dockerfile reference", ADD: a URL, and the ways to write a git repo. */
const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i

/**
 * The first such ADD, null where there is none. One with a checksum gets the same each time. One with a variable counts:
 * what a base image sets it to is not known.
 */
export const remoteSourceOf = (dockerfile: string): Instruction | null =>
  instructionsOf(dockerfile).find(({ text }) => {
    const [, rest] = /^(?:ONBUILD\s+)?ADD\s+(.*)$/is.exec(text) ?? []
    if (rest === undefined || /--checksum=[^\s$]+\s/i.test(rest)) return false
    const words = rest.split(/[\s,[\]"']+/).filter((word) => word !== '' && !word.startsWith('--'))
    return words.slice(0, -1).some((source) => REMOTE.test(source) || source.includes('$'))
  }) ?? null
