/** What may stand before a host that is named as a whole: no part of a name, or an encoded slash of a URL. */
const BEFORE = '(?:(?<![A-Za-z0-9_.-])|(?<=%2[fF]))'
const AFTER = '(?![A-Za-z0-9_-]|\\.[A-Za-z0-9_-])'

/** At most this many hosts in one pattern: a pattern of all of them could become too big for the engine. */
const PATTERN_MAX = 200

/**
 * A function that puts new hosts into a text in place of old ones. A host counts where it is named as a whole, in
 * whatever case: not inside of a longer name, not as an e-mail's. Ports, schemes and paths around it stay. A name
 * without a dot is left: in a text it is a Service, or a word.
 */
export function followerOf(hosts: ReadonlyMap<string, string>): (text: string) => string {
  const known = [...hosts.keys()].filter((host) => host.includes('.'))
  // Longer names first, so that of two that fit at one place the whole one is taken.
  const sorted = known.sort((a, b) => b.length - a.length)
  const patterns: RegExp[] = []
  for (let at = 0; at < sorted.length; at += PATTERN_MAX) {
    const names = sorted.slice(at, at + PATTERN_MAX).map((host) => host.replace(/[.*]/g, '\\$&'))
    patterns.push(new RegExp(`${BEFORE}(?:${names.join('|')})${AFTER}`, 'gi'))
  }
  return (text) => {
    const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)]).sort((a, b) => a.index - b.index)
    let followed = ''
    let rest = 0
    for (const { index, 0: name } of found) {
      if (isMailbox(text, index)) continue
      followed += text.slice(rest, index) + (hosts.get(name.toLowerCase()) ?? name)
      rest = index + name.length
    }
    return rest === 0 ? text : followed + text.slice(rest)
  }
}

/** RFC 3986: in `https://user@host` the part before @ is of a URL; elsewhere it is a mailbox, and no preview gets mail. */
const isMailbox = (text: string, index: number): boolean =>
  text[index - 1] === '@' && !/:\/\/[^\s/@]*@$/.test(text.slice(Math.max(0, index - 200), index))
