/** What an image in a registry says of itself. OCI image spec: "Image Manifest", "Image Index", "Image Configuration". */
import { z } from 'zod'
import type { RepositoryApi } from './api.ts'
import { bodyOf } from './body.ts'
import { jsonOf } from './json.ts'
import { readManifest } from './manifest.ts'

export interface ImageFacts {
  /** The digests of the manifests that an index lists; none where it is one image. */
  readonly children: readonly string[]
  /** When it was built, the newest of an index's; null where it does not say, or says what no build can be from. */
  readonly createdMs: number | null
  readonly labels: Readonly<Record<string, string>>
}

const DescriptorSchema = z.object({ digest: z.string(), mediaType: z.string().default('') })
const ManifestSchema = z.object({ config: DescriptorSchema.nullish(), manifests: z.array(DescriptorSchema).nullish() })
const ConfigSchema = z.object({
  created: z.string().nullish(),
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
})

/** Docker's first release; what claims to be older has a time that was set to none (SOURCE_DATE_EPOCH). */
const FIRST_MS = Date.UTC(2013, 2, 20)
/** What an index lists beside manifests is no image: BuildKit's cache lists layers so. */
const isManifest = (mediaType: string): boolean => mediaType === '' || /manifest|index/.test(mediaType)
/** An index in an index is allowed, and hardly made. */
const DEPTH_MAX = 3

const NOTHING: ImageFacts = { children: [], createdMs: null, labels: {} }

/**
 * @returns nothing known where the registry has no such manifest, or it is none
 * @throws as `readManifest` does
 */
export async function imageFacts(
  api: RepositoryApi,
  digest: string,
  signal: AbortSignal,
  depth = DEPTH_MAX,
): Promise<ImageFacts> {
  const manifest = await readManifest(api, digest, signal)
  const read = ManifestSchema.safeParse(manifest === null ? null : jsonOf(manifest.bytes.toString('utf8')))
  if (!read.success) return NOTHING
  const { config, manifests } = read.data
  if (manifests !== null && manifests !== undefined) {
    const children = manifests.map((child) => child.digest)
    const facts: ImageFacts[] = []
    for (const child of depth === 0 ? [] : manifests) {
      if (isManifest(child.mediaType)) facts.push(await imageFacts(api, child.digest, signal, depth - 1))
    }
    const times = facts.flatMap(({ createdMs }) => createdMs ?? [])
    return {
      children: [...children, ...facts.flatMap((fact) => fact.children)],
      createdMs: times.length === 0 ? null : Math.max(...times),
      labels: Object.assign({}, ...facts.map(({ labels }) => labels)),
    }
  }
  return config === null || config === undefined ? NOTHING : await configFacts(api, config.digest, signal)
}

async function configFacts(api: RepositoryApi, digest: string, signal: AbortSignal): Promise<ImageFacts> {
  const { registry, repository } = api.image
  const answer = await api.ask('GET', `blobs/${digest}`, {}, signal)
  if (!answer.ok) await answer.body?.cancel()
  if (answer.status === 404) return NOTHING
  if (!answer.ok) throw new Error(`the registry ${registry} answered ${answer.status} for a blob of ${repository}`)
  const body = await bodyOf(answer, `the registry ${registry}`, 'an image’s configuration', signal)
  const read = ConfigSchema.safeParse(jsonOf(body.toString('utf8')))
  if (!read.success) return NOTHING
  const createdMs = Date.parse(read.data.created ?? '')
  const isTime = createdMs >= FIRST_MS
  return { children: [], createdMs: isTime ? createdMs : null, labels: read.data.config?.Labels ?? {} }
}
