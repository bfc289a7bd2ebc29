/** Which tags a registry has, and whether all of their images is there. OCI distribution spec: "Listing Tags", "Pull". */
import { z } from 'zod'

const TagsSchema = z.object({ tags: z.array(z.string()).nullable() })
const ManifestSchema = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string() })),
})

/**
 * @param repository with the registry before it: `127.0.0.1:5000/team/shop`, plain HTTP
 * @returns the repository's tags, none where there is no such repository
 */
export async function tagsOf(repository: string): Promise<readonly string[]> {
  const answer = await fetch(urlOf(repository, 'tags/list'))
  if (answer.status === 404) return []
  return TagsSchema.parse(await answer.json()).tags ?? []
}

/** What is missing of the image of a tag, by digest. */
export async function missingOf(repository: string, tag: string): Promise<readonly string[]> {
  const accept = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'
  const answer = await fetch(urlOf(repository, `manifests/${tag}`), { headers: { accept } })
  const { config, layers } = ManifestSchema.parse(await answer.json())
  const missing: string[] = []
  for (const { digest } of [config, ...layers]) {
    const { ok } = await fetch(urlOf(repository, `blobs/${digest}`), { method: 'HEAD' })
    if (!ok) missing.push(digest)
  }
  return missing
}

function urlOf(repository: string, path: string): string {
  const [host, ...name] = repository.split('/')
  return `http://${host}/v2/${name.join('/')}/${path}`
}
