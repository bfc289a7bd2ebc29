import { z } from 'zod'
import type { Client } from './client.ts'

const AppSchema = z.object({ slug: z.string() })

/** What GitHub calls the App's own user, the author of what the App commits by the API: `westage[bot]`. */
export async function botName(client: Client, signal: AbortSignal): Promise<string> {
  const { slug } = await client.as('app', signal).get('GET /app', {}, AppSchema)
  return `${slug}[bot]`
}
