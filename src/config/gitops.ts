import { z } from 'zod'
import { httpUrl } from '../settings/urls.ts'

/** Where previews are committed to. */
export const GitOpsSchema = z.strictObject({
  url: httpUrl.describe("The GitOps repo's HTTP clone address, without credentials."),
  branch: z.string().min(1).default('main').describe('The branch that previews are committed to.'),
  auth: z
    .enum(['app', 'token'])
    .default('app')
    .describe('Who reaches the GitOps repo: the GitHub App, or `WESTAGE_GITOPS_TOKEN`.'),
  author: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .default('WeStage')
        .describe('Author and committer of its commits. WeStage knows its own commits by this.'),
      email: z.string().min(1).default('westage@localhost').describe("The same's address."),
    })
    .prefault({}),
})
