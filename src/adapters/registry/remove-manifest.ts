/** Removes a manifest, and with it every tag that it has. OCI distribution spec, "Deleting Manifests". */
import { Terminal } from '../../domain/errors.ts'
import type { RepositoryApi } from './api.ts'

/**
 * One that is gone already is as good as removed.
 * @throws {Terminal} (operator) the registry removes nothing by this API, or not with these credentials
 * @throws anything else where it did not answer, or not as it should
 */
export async function removeManifest(api: RepositoryApi, digest: string, signal: AbortSignal): Promise<void> {
  const { registry, repository } = api.image
  const answer = await api.ask('DELETE', `manifests/${digest}`, {}, signal)
  await answer.body?.cancel()
  if (answer.ok || answer.status === 404) return
  if (answer.status !== 405 && answer.status !== 501) {
    throw new Error(`the registry ${registry} answered ${answer.status} when told to delete ${repository}@${digest}`)
  }
  throw new Terminal(`the registry ${registry} lets nobody delete images by its API (${answer.status})`, {
    whose: 'operator',
    details: [
      'docker-registry does where storage.delete.enabled is true (REGISTRY_STORAGE_DELETE_ENABLED=true).',
      'Docker Hub, GHCR and ECR do not: what is listed as unneeded here has to go by their own tools or rules of retention.',
    ],
  })
}
