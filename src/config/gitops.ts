import { z } from 'zod'
import { timer } from '../settings/durations.ts'
import { httpUrl } from '../settings/urls.ts'
import { count } from './count.ts'

/** Where previews are committed to. */
export const GitOpsSchema = z.strictObject({
  url: httpUrl.describe("The GitOps repo's HTTP clone address, without credentials."),
  branch: z.string().min(1).default('main').describe('The branch that previews are committed to.'),
  auth: z
    .enum(['app', 'token'])
    .default('app')
    .describe('Who reaches the GitOps repo: the GitHub App, or `WESTAGE_GITOPS_TOKEN`.'),
  write: z
    .enum(['push', 'api'])
    .default('push')
    .describe(
      "How commits get there: by git, several in one push, or one by one by GitHub's API, which signs them for the App.",
    ),
  pushes: z
    .strictObject({
      perMinute: z
        .int()
        .positive()
        .nullable()
        .default(null)
        .describe(
          'Pushes a minute after a burst; what waits shares the next one. `null`: 6, with `write: api` 8 commits.',
        ),
      burst: count(20).describe('How many may follow each other at once after a quiet time.'),
    })
    .prefault({}),
  author: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .default('WeStage')
        .describe('Author and committer of the commits that it pushes. WeStage knows its own commits by this.'),
      email: z.string().min(1).default('westage@localhost').describe("The same's address."),
    })
    .prefault({}),
  keepRestored: timer('24h').describe(
    'How long a preview is kept that a person brought back after its pull request had ended.',
  ),
})
