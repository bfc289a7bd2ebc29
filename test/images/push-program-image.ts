import { tarOf } from '../adapters/archive/tar-bytes.ts'
import { digestOf, pushLayer } from './push-layer.ts'

/**
 * Pushes an image of the app that is previewed, as somebody's CI would.
 * @param files path -> content: its program, `server`, and what that reads
 * @returns its reference by digest
 */
export async function pushProgramImage(
  host: string,
  repository: string,
  files: Readonly<Record<string, string | Buffer>> & { readonly server: Buffer },
): Promise<string> {
  const layer = tarOf(...Object.entries(files).map(([path, body]) => ({ path, body, mode: 0o755 })))
  return pushLayer(host, repository, { content: new Blob([new Uint8Array(layer)]), digest: digestOf(layer) }, '/server')
}
