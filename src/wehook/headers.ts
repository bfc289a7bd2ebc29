/** Headers of one connection alone, which are not passed on (RFC 9110, 7.6.1), and Host, which says where a request goes. */
const OF_A_CONNECTION = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'content-length',
])

/**
 * What is passed on of the headers that came, in their order and case: without those of the connection, and without
 * Content-Length, which the sender says of the same body.
 * @param raw name, value, name, value and so on
 */
export function passedOn(raw: readonly string[]): readonly string[] {
  const pairs = pairsOf(raw)
  const named = new Set(
    pairs.flatMap(([name, value]) =>
      name.toLowerCase() === 'connection' ? value.split(',').map((each) => each.trim().toLowerCase()) : [],
    ),
  )
  return pairs.flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    return OF_A_CONNECTION.has(lower) || named.has(lower) || lower.startsWith('wehook-') ? [] : [name, value]
  })
}

/** @param raw name, value, name, value and so on */
export function pairsOf(raw: readonly string[]): readonly (readonly [name: string, value: string])[] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? ''])
  return pairs
}
