/** What WeHook is told: `wehook:` of `westage.yaml`, and secrets from the environment. */
import { z } from 'zod'
import { faultLine } from '../settings/faults.ts'
import { readSettings } from '../settings/read-settings.ts'
import { ConfigError } from './config-error.ts'
import { readVariable } from './secrets.ts'
import { type WeHookConfig, WeHookSchema } from './wehook.ts'

/** The rest of the file is for WeStage itself. */
const FileSchema = z.looseObject({ wehook: WeHookSchema })

export interface WeHookSecrets {
  /** For WeStage's API. */
  readonly apiToken: string
  /** With which people see bodies and send callbacks again; null: nobody does. */
  readonly token: string | null
  /** Null where it needs none. */
  readonly redisPassword: string | null
  /** The name of a source -> its secrets. */
  readonly sources: ReadonlyMap<string, readonly string[]>
}

/** As many characters of letters and digits have more than 100 bits. */
const SEGMENT = /^[A-Za-z0-9_-]{20,}$/
/** Standard Webhooks specification, "Signature scheme": between 24 and 64 bytes. A public key (`whpk_`) is none. */
const STANDARD_SECRET = /^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/
const TOKEN_FORM = /^\S{16,}$/

/**
 * @param yaml the text of `westage.yaml`
 * @param env the process's environment; `NAME_FILE` names a file to read the secret NAME from
 * @throws {ConfigError} listing every fault
 */
export function readWeHookConfig(
  yaml: string,
  env: NodeJS.ProcessEnv = process.env,
  file = 'westage.yaml',
): { readonly config: WeHookConfig; readonly secrets: WeHookSecrets } {
  const { value, faults, lineOf } = readSettings(yaml, FileSchema)
  const found = faults.map((fault) => faultLine(file, fault.line, fault))
  const secretOf = (name: string): string => {
    const read = readVariable(env, name)
    if ('fault' in read) found.push(read.fault)
    else if (read.value !== undefined && read.value !== '') return read.value
    else found.push(`${name}: is missing`)
    return ''
  }
  const apiToken = secretOf('WESTAGE_API_TOKEN')
  const optional = (name: string): string | null => {
    const read = readVariable(env, name)
    if ('fault' in read) found.push(read.fault)
    return 'value' in read ? (read.value ?? null) : null
  }
  const token = optional('WEHOOK_TOKEN')
  const redisPassword = optional('WEHOOK_REDIS_PASSWORD')
  if (token !== null && !TOKEN_FORM.test(token)) {
    found.push('WEHOOK_TOKEN: is not at least 16 characters without a space')
  }
  const sources = new Map<string, readonly string[]>()
  for (const [nth, { name, check, secrets, header }] of (value?.wehook.sources ?? []).entries()) {
    const fault = (words: string, key: string) => {
      const path = ['wehook', 'sources', nth, key]
      found.push(faultLine(file, lineOf(path), { path, words }))
    }
    if (sources.has(name)) fault('is the name of two sources', 'name')
    if (secrets.length === 0) fault(`is empty: ${check} needs one`, 'secrets')
    if (check === 'hmac' && header === null) fault('is missing: hmac needs it', 'header')
    const values = secrets.map(secretOf)
    for (const [at, value] of values.entries()) {
      if (check === 'standard-webhooks' && value !== '' && !STANDARD_SECRET.test(value)) {
        found.push(`${secrets[at]}: is not whsec_ and base64 of at least 24 bytes, as Standard Webhooks has secrets`)
      }
    }
    if (check === 'none' && values.some((value) => value !== '' && !SEGMENT.test(value))) {
      fault(
        'are not all 20 letters, digits, - and _ at least: that nobody can guess one is all that is checked',
        'secrets',
      )
    }
    sources.set(name, values)
  }
  if (value === null || found.length > 0) throw new ConfigError(found)
  return { config: value.wehook, secrets: { apiToken, token, redisPassword, sources } }
}

/** WEHOOK_TOKEN, for who asks a WeHook to send a callback again. @throws {ConfigError} it is missing */
export function readWeHookToken(env: NodeJS.ProcessEnv = process.env): string {
  const read = readVariable(env, 'WEHOOK_TOKEN')
  if ('fault' in read) throw new ConfigError([read.fault])
  if (read.value === undefined || read.value === '') throw new ConfigError(['WEHOOK_TOKEN: is missing'])
  return read.value
}
