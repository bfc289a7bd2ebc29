import { z } from 'zod'
import { httpUrl } from '../settings/urls.ts'
import { count } from './count.ts'

/** Where pull requests come from. */
export const GitHubSchema = z.strictObject({
  apiUrl: httpUrl
    .prefault('https://api.github.com')
    .describe("GitHub's REST API. Enterprise Server: `https://<host>/api/v3`."),
  appId: z.int().positive().describe("The GitHub App's id."),
  writesPerMinute: count(180).describe(
    "At most so many writes a minute in each installation of the App. GitHub's secondary limits are not far above.",
  ),
})
