/** An image of one static program, as an archive that containerd imports (Docker Image Specification v1.2). */
import { createHash } from 'node:crypto'
import { tarOf } from '../adapters/archive/tar-bytes.ts'

/** No registry has them: they are imported before the node starts. */
export const PAUSE_IMAGE = 'westage.test/pause:1'
export const COREDNS_IMAGE = 'westage.test/coredns:1'

export function imageOf(image: string, name: string, program: Buffer): Buffer {
  const layer = tarOf({ path: name, mode: 0o755, body: program })
  const digest = createHash('sha256').update(layer).digest('hex')
  const config = JSON.stringify({
    architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch,
    os: 'linux',
    config: { Entrypoint: [`/${name}`] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  })
  const manifest = [{ Config: 'config.json', RepoTags: [image], Layers: ['layer.tar'] }]
  return tarOf(
    { path: 'config.json', body: config },
    { path: 'layer.tar', body: layer },
    { path: 'manifest.json', body: JSON.stringify(manifest) },
  )
}
