import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import type { Client } from './client.ts'
import { NEEDED } from './installation-auth.ts'
import { RequestFailed } from './request-faults.ts'

export interface Access {
  /** The App's name as its URL has it. */
  readonly app: string
  /** Permissions that WeStage needs and the App does not ask for: `checks: write`. */
  readonly missing: readonly string[]
}

const AppSchema = z.object({ slug: z.string(), permissions: z.record(z.string(), z.string()) })

/**
 * Whether GitHub knows this App and takes its key, and what the App may not do. GitHub: REST, "Get the authenticated
 * app".
 * @param gitops whether this App commits to the GitOps repo, too
 * @throws {Terminal} (operator) the key or the App's id is wrong
 */
export async function checkAccess(
  client: Client,
  appId: number,
  gitops: 'by app' | 'by token',
  signal: AbortSignal,
): Promise<Access> {
  const needed = gitops === 'by app' ? { ...NEEDED, contents: 'write' } : NEEDED
  try {
    const { slug, permissions } = await client.as('app', signal).get('GET /app', {}, AppSchema)
    const missing = Object.entries(needed).filter(
      ([name, level]) => permissions[name] !== 'write' && permissions[name] !== level,
    )
    return { app: slug, missing: missing.map(([name, level]) => `${name}: ${level}`) }
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.status !== 404) throw error
    throw new Terminal(`There is no GitHub App ${appId} here: check github.appId and github.apiUrl.`, {
      whose: 'operator',
      cause: error,
    })
  }
}
