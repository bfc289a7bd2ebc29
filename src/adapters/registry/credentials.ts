/** Credentials for registries from a docker config.json, read when they are used so that a new file counts at once. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import type { ImageRepository } from './repository.ts'
import { repositoryText } from './repository.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

const EntrySchema = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
})
const AuthFileSchema = z.looseObject({
  auths: z.record(z.string(), EntrySchema).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
})
export type AuthFile = z.output<typeof AuthFileSchema>

/** @throws {Terminal} (operator) it is not there or not a docker config.json; its content is never quoted */
export async function readAuthFile(authFile: string): Promise<AuthFile> {
  const text = await readFile(authFile, 'utf8').catch((cause) => {
    throw new Terminal(`registry.authFile ${authFile} can't be read`, { whose: 'operator', cause })
  })
  const parsed = AuthFileSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new Terminal(`registry.authFile ${authFile} is not a docker config.json`, { whose: 'operator' })
}

/** A parser's error quotes what it read, which here are secrets: the caller is told only that it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * What `authFile` has for a repository: the entry of the longest path that it lies in, else the registry's.
 * docker: config.json, `auths`; containers-auth.json(5): keys with a path.
 * @returns null where there is no file or no entry
 * @throws {Terminal} (operator) an entry that can't be used: unreadable, or left to a credential helper
 */
export async function readCredentials(authFile: string | null, image: ImageRepository): Promise<Credentials | null> {
  if (authFile === null) return null
  const { auths, credHelpers, credsStore } = await readAuthFile(authFile)
  const refuse = (why: string): never => {
    throw new Terminal(`registry.authFile ${authFile} ${why} for ${image.registry}`, { whose: 'operator' })
  }
  const wanted = repositoryText(image)
  const [entry] = Object.entries(auths)
    .map(([key, value]) => ({ scope: scopeOf(key), value }))
    .filter(({ scope }) => wanted === scope || wanted.startsWith(`${scope}/`))
    .sort((a, b) => b.scope.length - a.scope.length)
    .map(({ value }) => value)
  const credentials = entry === undefined ? null : credentialsIn(entry)
  if (credentials !== null) return credentials
  const isHelped = Object.keys(credHelpers).some((key) => scopeOf(key) === image.registry)
  if (isHelped || credsStore !== undefined) refuse('names a credential helper, which is not supported,')
  if (entry !== undefined) refuse('has neither auth nor username and password')
  return null
}

function credentialsIn({ auth, username, password }: z.output<typeof EntrySchema>): Credentials | null {
  if (auth === undefined || auth === '') {
    return username === undefined || password === undefined ? null : { username, password }
  }
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 1 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Keys are hosts, hosts with a path, or URLs from the days of the v1 API, Docker Hub's until today. */
function scopeOf(key: string): string {
  const scope = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '')
  return scope.replace(/^(index|registry-1)\.docker\.io(?=\/|$)/, 'docker.io')
}
