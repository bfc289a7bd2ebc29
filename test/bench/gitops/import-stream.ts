/** What `git fast-import` reads (git documentation: git-fast-import). */
import { messageOf, pathOf, type Revision, textsOf } from './preview-texts.ts'

/** One commit for each change, on top of the branch as it is in that repo, each with all its twelve files. */
export const importOf = (changes: readonly Revision[], committer = 'WeStage <westage@example.com>'): string =>
  [
    ...changes.flatMap((change, at) => [
      commitOf(messageOf(change), `${committer} ${Math.floor(Date.now() / 1000)} +0000`),
      at === 0 ? 'from refs/heads/main^0\n' : '',
      ...[...textsOf(change)].map(([name, text]) => fileOf(`${pathOf(change.preview)}/${name}`, text)),
    ]),
    'done\n',
  ].join('')

/** A commit's head; its files follow. */
export const commitOf = (message: string, committer: string): string =>
  `commit refs/heads/main\ncommitter ${committer}\ndata ${Buffer.byteLength(message)}\n${message}\n`

export const fileOf = (path: string, text: string): string =>
  `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`
