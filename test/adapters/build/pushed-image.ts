/** What a registry has of an image that a builder pushed. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { list } from 'tar'
import { z } from 'zod'

const ACCEPTED = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ')

const BlobSchema = z.object({ digest: z.string() })
const ManifestSchema = z.object({ config: BlobSchema, layers: z.array(BlobSchema) })
const IndexSchema = z.object({
  manifests: z.array(z.object({ platform: z.object({ architecture: z.string() }) })),
})

/** An image in a registry that speaks plain HTTP. */
export interface PushedImage {
  /** `127.0.0.1:5000/team/shop` */
  readonly repository: string
  readonly digest: string
}

async function read({ repository }: PushedImage, path: string): Promise<Response> {
  const [host = '', ...name] = repository.split('/')
  const response = await fetch(`http://${host}/v2/${name.join('/')}/${path}`, { headers: { accept: ACCEPTED } })
  if (!response.ok) throw new Error(`${path} of ${repository}: ${response.status}`)
  return response
}

const manifestOf = async (image: PushedImage): Promise<unknown> =>
  await (await read(image, `manifests/${image.digest}`)).json()

export async function configOf(image: PushedImage): Promise<unknown> {
  const { config } = ManifestSchema.parse(await manifestOf(image))
  return await (await read(image, `blobs/${config.digest}`)).json()
}

/** The architectures of an image of several platforms. */
export async function architecturesOf(image: PushedImage): Promise<readonly string[]> {
  return IndexSchema.parse(await manifestOf(image)).manifests.map(({ platform }) => platform.architecture)
}

/** Path -> text of every file, a later layer's over an earlier one's. */
export async function filesOf(image: PushedImage): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const { digest } of ManifestSchema.parse(await manifestOf(image)).layers) {
    const layer = Buffer.from(await (await read(image, `blobs/${digest}`)).arrayBuffer())
    const unpack = list({
      onReadEntry(entry) {
        const chunks: Buffer[] = []
        entry.on('data', (chunk: Buffer) => chunks.push(chunk))
        entry.on('end', () => {
          if (entry.type === 'File') files.set(entry.path, Buffer.concat(chunks).toString('utf8'))
        })
      },
    })
    await pipeline(Readable.from([layer]), unpack)
  }
  return files
}
