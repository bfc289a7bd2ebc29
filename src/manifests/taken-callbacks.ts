import type { TakenCallback } from '../domain/preview.ts'
import type { Manifest } from './manifest.ts'
import { serviceBehind } from './service-behind.ts'

/**
 * The callbacks that an app takes, each with the Service that answers there.
 * @param host the preview's first, undefined where it has none
 */
export const takenCallbacks = (
  callbacks: readonly Omit<TakenCallback, 'service'>[],
  manifests: readonly Manifest[],
  host: string | undefined,
): readonly TakenCallback[] =>
  callbacks.map((callback) => {
    const service = host === undefined ? null : serviceBehind(manifests, host, callback.path)
    return service === null ? callback : { ...callback, service }
  })
