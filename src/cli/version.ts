import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** WeStage's own: package.json lies two folders above, of the source as of what is built of it. */
export function westageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version
}
