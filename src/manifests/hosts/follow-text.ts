/** Names with dots, as long as they go on; letters of every alphabet, so that no part of a longer name is one. */
const NAMES = /[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+/gu

/**
 * A function that puts new hosts into a text in place of old ones. A host counts where it is named as a whole, in
 * whatever case: not inside of a longer name, not as a mailbox's. Ports, schemes and paths around it stay. A name
 * without a dot is left: in a text it is a Service, or a word.
 */
export const followerOf =
  (hosts: ReadonlyMap<string, string>) =>
  (text: string): string => {
    if (hosts.size === 0) return text
    return text.replace(NAMES, (name, index: number) => {
      const encoded = isEncoded(text, index, name) ? 2 : 0
      const host = hosts.get(name.slice(encoded).toLowerCase())
      return host === undefined || isMailbox(text, index) ? name : name.slice(0, encoded) + host
    })
  }

/** RFC 3986: in `%2Fshop.example.com` the first two letters are of a slash. */
const isEncoded = (text: string, index: number, name: string): boolean =>
  text[index - 1] === '%' && /^[0-9A-Fa-f]{2}/.test(name)

/** RFC 3986: in `https://user@host` the part before @ is of a URL; elsewhere it is a mailbox, and no preview gets mail. */
const isMailbox = (text: string, index: number): boolean =>
  text[index - 1] === '@' && !/:\/\/[^\s/@]*@$/.test(text.slice(Math.max(0, index - 200), index))
