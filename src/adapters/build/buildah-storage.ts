/**
 * What stands in the files of a storage of the driver vfs that nothing is using: some of what a killed buildah leaves, no
 * command of buildah's lists or removes. github.com/containers/storage: layers.go, images.go and containers.go.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const LayersSchema = z.array(z.object({ id: z.string(), parent: z.string().optional() }))
const ImagesSchema = z.array(
  z.object({
    id: z.string(),
    names: z.array(z.string()).nullish(),
    'big-data-names': z.array(z.string()).nullish(),
    layer: z.string().optional(),
    'mapped-layers': z.array(z.string()).optional(),
  }),
)
const ContainersSchema = z.array(z.object({ id: z.string(), layer: z.string() }))

/** Every container, by id: those too that a killed buildah had not noted as its own yet, which `rm --all` passes over. */
export const containersIn = async (root: string): Promise<readonly string[]> =>
  ContainersSchema.parse(await recordsIn(root, 'containers')).map(({ id }) => id)

/** github.com/containers/buildah, commit.go: what a layer's image is called while it is committed. */
const UNCOMMITTED = /(^|\/)[0-9a-f]{64}-tmp:latest$/

/** github.com/containers/storage, store.go, `ImageDigestBigDataKey`: the last of an image's data that is written. */
const MANIFEST = 'manifest'

/**
 * Images whose commit was killed, which `rmi --prune` passes over: by their names, or by the id of one whose manifest was
 * not written yet.
 */
export const uncommittedIn = async (root: string): Promise<readonly string[]> =>
  ImagesSchema.parse(await recordsIn(root, 'images')).flatMap(({ id, names, 'big-data-names': data }) =>
    data?.includes(MANIFEST) === true ? (names ?? []).filter((name) => UNCOMMITTED.test(name)) : [id],
  )

/** Whether more of the layers are nobody's than an image's or a container's. */
export async function isMostlyLost(root: string): Promise<boolean> {
  const layers = LayersSchema.parse(await recordsIn(root, 'layers'))
  const images = ImagesSchema.parse(await recordsIn(root, 'images'))
  const containers = ContainersSchema.parse(await recordsIn(root, 'containers'))
  const tops = [
    ...images.flatMap(({ layer, 'mapped-layers': mapped = [] }) => [layer, ...mapped]),
    ...containers.map(({ layer }) => layer),
  ]
  const parents = new Map(layers.map(({ id, parent }) => [id, parent]))
  const owned = new Set<string>()
  for (const top of tops) {
    for (let id = top; id !== undefined && parents.has(id); id = parents.get(id)) owned.add(id)
  }
  return layers.length - owned.size > owned.size
}

/** None where nothing was ever kept of a kind. */
async function recordsIn(root: string, kind: 'layers' | 'images' | 'containers'): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(root, `vfs-${kind}`, `${kind}.json`), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
