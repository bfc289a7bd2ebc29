/** Names of repositories in registries. Distribution project: `reference` package, grammar of a reference. */
import { Terminal } from '../../domain/errors.ts'

export interface ImageRepository {
  /** Host and port as people write them: `docker.io`, `registry.example.com:5000`. */
  readonly registry: string
  /** The path below it, `library/` included where docker.io implies it. */
  readonly repository: string
}

const NAME_MAX_CHARACTERS = 255
const HOST =
  /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::[0-9]{1,5})?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

/**
 * `registry.example.com:5000/team/app` in its two parts. A first part without a dot, a colon or the name `localhost`
 * is no host but a name on docker.io, as docker reads it.
 * @throws {Terminal} (operator) saying what is wrong with it
 */
export function parseRepository(text: string): ImageRepository {
  const refuse = (why: string): never => {
    throw new Terminal(`image repository ${JSON.stringify(text)} ${why}`, { whose: 'operator' })
  }
  if (text === '') refuse('is empty')
  if (/^[a-z]+:\/\//i.test(text)) refuse('is a URL: leave the scheme out')
  if (/[A-Z]/.test(text)) refuse('has upper case letters')
  if (text.includes('@')) refuse('has a digest: only the repository is wanted')
  const [first = '', ...rest] = text.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const host = isHost ? first : 'docker.io'
  const path = (isHost ? rest : [first, ...rest]).join('/')
  if (path.includes(':')) refuse('has a tag: only the repository is wanted')
  if (!HOST.test(host)) refuse(`names ${JSON.stringify(host)}, which is no host`)
  if (!path.split('/').every((component) => COMPONENT.test(component))) {
    refuse('is not made of lower case letters, digits and single separators (. _ -) between slashes')
  }
  if (host.length + 1 + path.length > NAME_MAX_CHARACTERS) refuse(`is longer than ${NAME_MAX_CHARACTERS} characters`)
  const isDockerHub = host === 'docker.io' || host === 'index.docker.io'
  if (!isDockerHub) return { registry: host, repository: path }
  return { registry: 'docker.io', repository: path.includes('/') ? path : `library/${path}` }
}

/** OCI distribution spec, "Pulling manifests": what a tag may be. */
export const isTag = (text: string): boolean => /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text)

/** `registry/repository`, as manifests and tools take it. */
export const repositoryText = ({ registry, repository }: ImageRepository): string => `${registry}/${repository}`

/** Where a registry's API answers: Docker Hub's is not at the host that its images are named by. */
export const apiHostOf = (registry: string): string => (registry === 'docker.io' ? 'registry-1.docker.io' : registry)
