/** Puts the images of services into a registry. */
import { openAsBlob } from 'node:fs'
import { layerOf } from './layer-of.ts'
import { pushLayer } from './push-layer.ts'
import { SERVICE_IMAGES, type ServiceName } from './service-images.ts'

/**
 * Builds those that were not built yet.
 * @param host of the registry, which asks for no password: `127.0.0.1:PORT`
 * @returns references by digest, as `addons.images` takes them
 */
export async function pushServiceImages<const Name extends ServiceName>(
  host: string,
  names: readonly Name[],
  log: (line: string) => void,
): Promise<Record<Name, string>> {
  const pushed = names.map(async (name) => {
    const { path, digest } = await layerOf(SERVICE_IMAGES[name], log)
    return [name, await pushLayer(host, name, { content: await openAsBlob(path), digest }, '/entrypoint')]
  })
  return Object.fromEntries(await Promise.all(pushed))
}
