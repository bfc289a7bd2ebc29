/** OCI distribution spec, "Pushing manifests": registries should take at least this much; few take more. */
const MAX_MIB = 4

/**
 * The body of an answer that is kept in memory.
 * @param from who answered, and `what`, for errors
 * @throws where it is over 4 MiB, or broke off
 */
export async function bodyOf(response: Response, from: string, what: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > MAX_MIB * 1024 * 1024) break
      chunks.push(Buffer.from(chunk))
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error(`${from} broke off in the middle of ${what}`, { cause })
  }
  if (bytes > MAX_MIB * 1024 * 1024) throw new Error(`${from} sent ${what} of over ${MAX_MIB} MiB`)
  return Buffer.concat(chunks)
}
