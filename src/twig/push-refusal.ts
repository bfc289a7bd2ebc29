/** Why a server did not take a push, from its words: the protocol has no codes, and hosts say it through hooks. */
import { Refused, type RefusedWhy } from './errors.ts'

interface Known {
  readonly why: RefusedWhy
  readonly words: RegExp
}

/** The first that is found counts. */
const KNOWN: readonly Known[] = [
  // index-pack where there is a receive.maxInputSize, GitHub's GH001 (a file above 100 MB), GitLab's limit on pushes
  {
    why: 'push too large',
    words: /exceeds maximum allowed size|\bGH001\b|exceeds the maximum allowed (?:push|file) size/i,
  },
  // GH006 and GH013 alike
  { why: 'signatures required', words: /must have (?:verified|valid) signatures/i },
  // GH006: a protected branch; GH013: a ruleset; then the words of GitLab and of Gitea
  {
    why: 'branch protected',
    words: /\bGH006\b|\bGH013\b|rule violations|protected branch|changes must be made through a pull request/i,
  },
]

/** What holds for a push whatever is in it: to try its commits one by one would change nothing. */
const WHOLE: readonly RefusedWhy[] = ['branch protected', 'signatures required']

/** @param words what the server said besides, line by line */
export function refusedPush(reason: string, words: readonly string[]): Refused {
  const said = [reason, ...words]
  const why = KNOWN.find((known) => said.some((line) => known.words.test(line)))?.why ?? 'push refused'
  return new Refused(why, `The git repo refused the push (${reason})`, words)
}

export const isForAll = ({ why }: Refused): boolean => WHOLE.includes(why)
