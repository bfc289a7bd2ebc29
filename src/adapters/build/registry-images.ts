/** Refuses base images that are not a registry's: buildah takes them from this machine too, containers-transports(5). */
import { Terminal } from '../../domain/errors.ts'
import { instructionsOf } from './dockerfile-lines.ts'
import type { Source } from './source.ts'

/** All transports but docker's, of any version. One in the middle of a word is none: `my-oci:1` is an image. */
const ELSEWHERE = /^(containers-storage|dir|docker-archive|docker-daemon|oci|oci-archive|ostree|sif|tarball|atomic):/

/**
 * @throws {Terminal} (author) FROM, --from or a mount's from names, its variables filled in, what is no registry's
 *   image; the latter two also with a variable, which docker fills in nowhere there, and which a base image may have set
 */
export function checkImages({ dockerfile: { name, text } }: Source): void {
  const known = new Map<string, string>()
  let isHead = true
  for (const instruction of instructionsOf(text)) {
    const check = (image: string, whyNoVariable: string) => {
      const why = image.includes('$') ? whyNoVariable : ELSEWHERE.test(image) ? `${image} is not in a registry` : ''
      if (why !== '') throw new Terminal(`${name}:${instruction.line}: ${instruction.text}: ${why}`)
    }
    const [, word = '', rest = ''] = /^(?:ONBUILD\s+)*(\S+)\s*(.*)$/is.exec(instruction.text) ?? []
    const keyword = word.toUpperCase()
    if (keyword === 'ARG' && isHead) for (const [key, value] of argsOf(rest)) known.set(key, filled(value, known))
    if (keyword === 'FROM') {
      isHead = false
      const [image = ''] = rest.replace(/^(--\S+\s+)*/, '').split(/\s/)
      check(filled(plain(image), known), 'WeStage can not work out which image that is')
    }
    for (const image of fromsOf(keyword, rest)) {
      check(image, 'no variable may stand here: name the image by FROM ... AS, and use that name')
    }
  }
}

/** Docker, "Dockerfile reference": COPY --from=image, RUN --mount=type=bind,from=image. */
function fromsOf(keyword: string, rest: string): readonly string[] {
  const flags = /^(?:--\S+\s*)*/.exec(rest)?.[0].split(/\s+/).map(plain) ?? []
  if (keyword === 'COPY' || keyword === 'ADD') {
    return flags.flatMap((flag) => /^--from=(.*)$/i.exec(flag)?.[1] ?? [])
  }
  if (keyword !== 'RUN') return []
  return flags.flatMap((flag) =>
    /^--mount=/i.test(flag)
      ? flag
          .replace(/^--mount=/i, '')
          .split(',')
          .flatMap((field) => /^from=(.*)$/i.exec(field)?.[1] ?? [])
      : [],
  )
}

const argsOf = (rest: string): readonly (readonly [string, string])[] =>
  rest.split(/\s+/).map((arg) => {
    const at = arg.indexOf('=')
    return at < 0 ? [arg, ''] : [arg.slice(0, at), plain(arg.slice(at + 1))]
  })

/** Quotes and escapes mean nothing in the name of an image, and hide what it is. */
const plain = (text: string): string => text.replace(/["'\\`]/g, '')

/** Docker, "Dockerfile reference", environment replacement: `$a`, `${a}`, `${a:-b}`, `${a:+b}`; others stay. */
const filled = (text: string, known: ReadonlyMap<string, string>): string =>
  text
    .replace(/\$\{(\w+)(?:(:?[-+])([^${}]*))?\}/g, (_, name: string, how = '', word = '') => {
      const value = known.get(name) ?? ''
      if (how.endsWith('-')) return value === '' ? word : value
      if (how.endsWith('+')) return value === '' ? '' : word
      return value
    })
    .replace(/\$(\w+)/g, (_, name: string) => known.get(name) ?? '')
