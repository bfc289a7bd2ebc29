import { hasText } from '../locate.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Argo CD, Directory, Skipping File Rendering: a file that has this text anywhere is left out without a word. */
const MARKER = '+argocd:skip-file-rendering'

export const skipText: Rule = {
  name: 'skip-text',
  why: 'The object would be in the repo and never in the cluster.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: ({ manifest, entries }) =>
    (hasText(manifest, (text) => text.includes(MARKER)) ? entries() : [])
      .filter(({ key, value }) => key.includes(MARKER) || (typeof value === 'string' && value.includes(MARKER)))
      .map(({ field }) => ({
        field,
        words: `has the text ${MARKER}, which makes Argo CD skip the file: leave it out`,
      })),
}
