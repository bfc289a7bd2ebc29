import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GitServer } from './git-server.ts'
import { exampleOf } from './github/examples.ts'

const SENDER = fileURLToPath(new URL('push-webhook.mjs', import.meta.url))

/**
 * From now on, every push to the repo, whoever's it is, is told as GitHub tells it: by a signed `push` webhook, from its
 * post-receive hook and without keeping the push waiting.
 * @param cloneUrl the repo's address as people have it, the git server's own unless given
 */
export async function sendPushWebhooks(
  git: GitServer,
  repo: string,
  to: { url: string; secret: string },
  cloneUrl = git.url(repo),
) {
  const file = join(git.dir(repo), 'push-webhook.json')
  const repository = { full_name: repo.includes('/') ? repo : `acme/${repo}`, clone_url: cloneUrl }
  await writeFile(file, JSON.stringify({ ...to, payload: { ...exampleOf('push', null), repository } }))
  const send = `'${process.execPath}' '${SENDER}' '${file}' "$before" "$after" "$ref" >/dev/null 2>&1 &`
  await git.hook(repo, 'post-receive', `while read -r before after ref; do ${send} done`)
}
