/** Credentials for registries: what a docker config.json has, and what the helpers say that it names. */
import { Terminal } from '../../domain/errors.ts'
import type { Log } from '../../ports.ts'
import type { Credentials } from './access.ts'
import { type AuthEntry, type AuthFile, authEntryOf, helperOf, readAuthFile, scopeOf, serverOf } from './auth-file.ts'
import { askHelper, TOKEN_USER } from './credential-helper.ts'
import type { ImageRepository } from './repository.ts'

/** `auths` of a docker config.json. */
export type Auths = Readonly<Record<string, AuthEntry>>

/** Where an instance's credentials come from. */
export interface CredentialSource {
  /** A docker config.json, null for registries that want no credentials. */
  readonly authFile: string | null
  /** The whole environment of the helpers that it names, PATH among it. */
  readonly helperEnvironment: Readonly<Record<string, string>>
}

/**
 * What is known for a repository: of the helper that is named for its registry, else of the entry of the longest path
 * that it lies in, else of the helper for all registries.
 * @returns null where there is no file, no entry, and the helper has none
 * @throws {Terminal} (operator) an entry or a helper that can't be used
 * @throws anything else where a helper failed
 */
export async function readCredentials(
  { authFile, helperEnvironment }: CredentialSource,
  image: ImageRepository,
  signal: AbortSignal,
): Promise<Credentials | null> {
  if (authFile === null) return null
  const file = await readAuthFile(authFile)
  const helper = helperFor(file, image)
  if (helper !== undefined) return await askHelper(helper, serverOf(image.registry), helperEnvironment, signal)
  const entry = authEntryOf(file, image)
  const credentials = entry === undefined ? null : credentialsIn(entry)
  if (credentials !== null || entry === undefined) return credentials
  const why = `has neither auth nor identitytoken nor username and password for ${image.registry}`
  throw new Terminal(`registry.authFile ${authFile} ${why}`, { whose: 'operator' })
}

/**
 * The `auths` of a config.json for a tool that is to know what is known here, and to run no helper: what the file has,
 * and what its helpers say for `image` and for the other registries that the file names, which base images are from.
 * @param log hears of those others whose helper fails
 * @throws as `readCredentials` does, for `image`
 */
export async function authsForTools(
  { authFile, helperEnvironment }: CredentialSource,
  image: ImageRepository,
  log: Log,
  signal: AbortSignal,
): Promise<Auths> {
  if (authFile === null) return {}
  const file = await readAuthFile(authFile)
  const answerOf = async (registry: string, helper: string) =>
    entriesOf(registry, await askHelper(helper, serverOf(registry), helperEnvironment, signal))
  const own = helperFor(file, image)
  const others = helpedRegistriesOf(file).filter(([registry]) => registry !== image.registry)
  const answers = await Promise.all([
    own === undefined ? [] : answerOf(image.registry, own),
    ...others.map(([registry, helper]) =>
      answerOf(registry, helper).catch((error) => {
        signal.throwIfAborted()
        const why = error instanceof Error ? error.message : String(error)
        log(`images of ${registry} are pulled without credentials: ${why}`)
        return []
      }),
    ),
  ])
  const entries = Object.entries(file.auths).filter(
    ([key, entry]) => credentialsIn(entry) !== null && helperOf(file, hostOf(scopeOf(key))) === undefined,
  )
  return Object.fromEntries([...entries, ...answers.flat()])
}

/** The named helper counts before what the file has, as docker reads it; the one for all registries after that. */
function helperFor(file: AuthFile, image: ImageRepository): string | undefined {
  const entry = authEntryOf(file, image)
  const isEntered = entry !== undefined && credentialsIn(entry) !== null
  return helperOf(file, image.registry) ?? (isEntered ? undefined : storeOf(file))
}

const storeOf = ({ credsStore }: AuthFile): string | undefined => (credsStore === '' ? undefined : credsStore)

const hostOf = (scope: string): string => scope.split('/')[0] ?? ''

/** Where one signed in by `credsStore`, docker leaves an entry without credentials. docker login: Credential stores. */
function helpedRegistriesOf(file: AuthFile): readonly (readonly [string, string])[] {
  const emptied = Object.entries(file.auths).filter(([, entry]) => credentialsIn(entry) === null)
  const registries = new Set(
    [...Object.keys(file.credHelpers), ...emptied.map(([key]) => key)].map(scopeOf).map(hostOf),
  )
  return [...registries].flatMap((registry) => {
    const helper = helperOf(file, registry) ?? storeOf(file)
    return helper === undefined ? [] : [[registry, helper] as const]
  })
}

function entriesOf(registry: string, credentials: Credentials | null): readonly (readonly [string, AuthEntry])[] {
  if (credentials === null) return []
  const server = serverOf(registry)
  if (credentials.kind === 'identity token') {
    // docker writes both: a tool that knows no identity tokens finds an entry of the usual form.
    return [[server, { auth: base64(`${TOKEN_USER}:`), identitytoken: credentials.token }]]
  }
  return [[server, { auth: base64(`${credentials.username}:${credentials.password}`) }]]
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** An identity token counts before the user's name beside it, which has an empty password then. */
function credentialsIn({ auth, username, password, identitytoken }: AuthEntry): Credentials | null {
  if (identitytoken !== undefined && identitytoken !== '') return { kind: 'identity token', token: identitytoken }
  if (auth === undefined || auth === '') {
    return username === undefined || password === undefined ? null : { kind: 'password', username, password }
  }
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return null
  return { kind: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) }
}
