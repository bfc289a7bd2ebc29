/** isomorphic-git as its documentation shows it: clone, add, commit, push. */
import fs from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import git from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import { messageOf, pathOf, textsOf } from './preview-texts.ts'
import { answerAsks, notCompared, type Side } from './side.ts'

async function openIsomorphic(url: string, dir: string): Promise<Side> {
  return {
    look: async () => {},
    async commit(changes) {
      const work = await mkdtemp(join(dir, 'isomorphic-'))
      const repo = { fs, http, dir: work }
      await git.clone({ ...repo, url, depth: 1, singleBranch: true })
      for (const change of changes) {
        const path = pathOf(change.preview)
        for (const [name, text] of textsOf(change)) {
          await mkdir(dirname(join(work, path, name)), { recursive: true })
          await writeFile(join(work, path, name), text)
          await git.add({ ...repo, filepath: `${path}/${name}` })
        }
        const author = { name: 'WeStage', email: 'westage@example.com' }
        await git.commit({ ...repo, message: messageOf(change), author })
      }
      const { ok, error } = await git.push({ ...repo, remote: 'origin', ref: 'main' })
      if (!ok) throw new Error(`isomorphic-git did not push: ${error}`)
      await rm(work, { recursive: true })
    },
    list: notCompared,
    read: notCompared,
    close: async () => {},
  }
}

await answerAsks(openIsomorphic)
