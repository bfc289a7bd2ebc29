/** Credentials from a program of the registry's own: `docker-credential-<name> get`. docker-credential-helpers: README. */
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import { runTool, ToolCapped, ToolFailed, ToolMissing } from '../child-process.ts'
import type { Credentials } from './access.ts'
import { jsonOf } from './json.ts'

const TIMEOUT_MS = 30_000
const OUTPUT_MAX_BYTES = 64 * 1024
/** docker-credential-helpers, credentials/error.go: what one says, and exits with 1, that has none. */
const HAS_NONE = 'credentials not found in native keychain'
/** The same README: a user name that says that the secret is an identity token. */
export const TOKEN_USER = '<token>'

const AnswerSchema = z.object({ Username: z.string(), Secret: z.string().min(1) })

/**
 * @param name as `credHelpers` and `credsStore` have it: `ecr-login`, `gcloud`
 * @param server what docker calls the registry
 * @param env the helper's whole environment
 * @returns null where the helper has none
 * @throws {Terminal} (operator) there is no such helper, or its answer is none
 * @throws anything else where it failed or did not answer: never taken for having none. What it wrote is never quoted
 */
export async function askHelper(
  name: string,
  server: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Credentials | null> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(name)) {
    throw new Terminal('registry.authFile names a credential helper that can’t be a program', { whose: 'operator' })
  }
  const command = `docker-credential-${name}`
  const run = { command, args: ['get'], cwd: '/', env, stdin: server, signal }
  const written = await runTool({ ...run, timeoutMs: TIMEOUT_MS, maxOutputBytes: OUTPUT_MAX_BYTES }).catch((error) => {
    if (error instanceof ToolFailed && error.stdout.trim() === HAS_NONE) return null
    throw failureOf(error, command, server)
  })
  if (written === null) return null
  const answer = AnswerSchema.safeParse(jsonOf(written.stdout))
  if (!answer.success) throw new Terminal(`${command} does not answer as a credential helper`, { whose: 'operator' })
  const { Username: username, Secret: secret } = answer.data
  if (username === TOKEN_USER) return { kind: 'identity token', token: secret }
  return { kind: 'password', username, password: secret }
}

/** Without `cause`: its output may hold what it should not. */
function failureOf(error: unknown, command: string, server: string): unknown {
  if (error instanceof ToolMissing) {
    return new Terminal(`${command}, which registry.authFile names, is not on the PATH: install it`, {
      whose: 'operator',
    })
  }
  if (error instanceof ToolCapped) return new Error(error.message)
  if (!(error instanceof ToolFailed)) return error
  return new Error(`${error.message}: echo ${server} | ${command} get, in WeStage’s environment, says why`)
}
