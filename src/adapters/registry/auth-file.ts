/** A docker config.json, read when it is used so that a new file counts at once. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'
import { jsonOf } from './json.ts'
import { type ImageRepository, repositoryText } from './repository.ts'

/** docker: config.json, `auths`. What `docker login` was given by a registry that has tokens is in `identitytoken`. */
const EntrySchema = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const AuthFileSchema = z.looseObject({
  auths: z.record(z.string(), EntrySchema).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
})
export type AuthEntry = z.output<typeof EntrySchema>
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

/** The entry of the longest path that a repository lies in, else its registry's. containers-auth.json(5): keys with a path. */
export function authEntryOf({ auths }: AuthFile, image: ImageRepository): AuthEntry | undefined {
  const wanted = repositoryText(image)
  const [entry] = Object.entries(auths)
    .map(([key, value]) => ({ scope: scopeOf(key), value }))
    .filter(({ scope }) => wanted === scope || wanted.startsWith(`${scope}/`))
    .sort((a, b) => b.scope.length - a.scope.length)
  return entry?.value
}

/** The helper that `credHelpers` names for a registry; an empty name is none, as docker reads it. */
export function helperOf({ credHelpers }: AuthFile, registry: string): string | undefined {
  const [, name] = Object.entries(credHelpers).find(([key]) => scopeOf(key) === registry) ?? []
  return name === '' ? undefined : name
}

/** Keys are hosts, hosts with a path, or URLs from the days of the v1 API, Docker Hub's until today. */
export function scopeOf(key: string): string {
  const scope = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '')
  return scope.replace(/^(index|registry-1)\.docker\.io(?=\/|$)/, 'docker.io')
}

/** What docker calls a registry in `auths` and before a helper: Docker Hub by the address of its v1 API. */
export const serverOf = (registry: string): string =>
  registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry
