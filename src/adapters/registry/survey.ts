/** What a repository has: every tag with its digest, and what the images say of themselves that it is asked about. */
import PQueue from 'p-queue'
import type { RepositoryApi } from './api.ts'
import { type ImageFacts, imageFacts } from './image-facts.ts'
import { manifestHead } from './manifest.ts'
import { listTags } from './tags.ts'

export interface Survey {
  readonly images: readonly { readonly tag: string; readonly digest: string }[]
  /** By digest: of those that were asked about, and of every index. */
  readonly facts: ReadonlyMap<string, ImageFacts>
}

/** So many requests to a registry at a time; hosted ones slow down who asks for more. */
const REQUESTS_AT_ONCE = 8

/**
 * @param isAskedAbout whether the image is read beside its digest: two requests more
 * @throws {Terminal} (operator) the registry refuses these credentials, or wants some
 * @throws anything else where it did not tell everything
 */
export async function surveyRepository(
  api: RepositoryApi,
  isAskedAbout: (image: { readonly tag: string; readonly digest: string }) => boolean,
  signal: AbortSignal,
): Promise<Survey> {
  const tags = await listTags(api, signal)
  const heads = await aFewAtATime(tags, signal, async (tag) => ({ tag, head: await manifestHead(api, tag, signal) }))
  // One that is gone was removed meanwhile.
  const found = heads.flatMap(({ tag, head }) => (head === null ? [] : [{ tag, ...head }]))
  const asked = found.filter((image) => isIndex(image.mediaType) || isAskedAbout(image)).map(({ digest }) => digest)
  const facts = await aFewAtATime(
    [...new Set(asked)],
    signal,
    async (digest) => [digest, await imageFacts(api, digest, signal)] as const,
  )
  return { images: found.map(({ tag, digest }) => ({ tag, digest })), facts: new Map(facts) }
}

/** OCI image spec, "Image Index"; Docker: "Image Manifest V 2, Schema 2", manifest list. */
const isIndex = (mediaType: string): boolean => /\.image\.index\.|\.manifest\.list\./.test(mediaType)

/** Does it for each, some at a time; the first that fails ends the rest. */
async function aFewAtATime<Of, Result>(
  all: readonly Of[],
  signal: AbortSignal,
  work: (one: Of) => Promise<Result>,
): Promise<readonly Result[]> {
  const queue = new PQueue({ concurrency: REQUESTS_AT_ONCE })
  const begin = (one: Of) => {
    signal.throwIfAborted()
    return work(one)
  }
  try {
    return await queue.addAll(all.map((one) => async () => begin(one)))
  } finally {
    queue.clear()
  }
}
