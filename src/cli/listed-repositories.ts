import { imageRepositoryOf, type RegistrySettings } from '../adapters/build/image-target.ts'
import { repositoryApi } from '../adapters/registry/api.ts'
import { listRepositories } from '../adapters/registry/catalog.ts'
import { type CredentialSource, readCredentials } from '../adapters/registry/credentials.ts'
import { repositoryText } from '../adapters/registry/repository.ts'

export interface Listed {
  /** `registry/repository` of all that the registry has. */
  readonly repositories: readonly string[]
  /** Why it does not say; '' where it does, or need not be asked. */
  readonly fault: string
}

/**
 * What the registry has, where each image has a repository of its own and its author may have named it: nobody else knows
 * those that no preview has had for long. No fault of it is in the way of what is known otherwise.
 * @throws the reason of `signal`
 */
export async function listedRepositories(
  registry: Pick<RegistrySettings, 'repository' | 'plainHttp' | 'authority'>,
  source: CredentialSource,
  signal: AbortSignal,
): Promise<Listed> {
  if (!registry.repository.includes('{image}')) return { repositories: [], fault: '' }
  try {
    const any = imageRepositoryOf(registry, 'app', null)
    const credentials = await readCredentials(source, any, signal)
    const names = await listRepositories(repositoryApi(any, { ...registry, credentials }), signal)
    return { repositories: names.map((repository) => repositoryText({ ...any, repository })), fault: '' }
  } catch (error) {
    signal.throwIfAborted()
    return { repositories: [], fault: error instanceof Error ? error.message : String(error) }
  }
}
