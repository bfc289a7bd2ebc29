/** Which tags an instance may have made, by `registry.tag`. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  sha: '[0-9a-f]{40}',
  pr: '[1-9][0-9]*',
}
/** Of what else may stand there: a hash of something. */
const HASH = '[0-9a-f]{8,64}'

/** Whether a tag is one that the template gives for some revision of the app. */
export function isOwnTag(template: string, app: string): (tag: string) => boolean {
  const pattern = template
    .split(/(\{[^{}]*\})/)
    .map((part) => {
      if (!part.startsWith('{')) return escaped(part)
      const name = part.slice(1, -1)
      return name === 'app' ? escaped(app) : (PLACEHOLDERS[name] ?? HASH)
    })
    .join('')
  const whole = new RegExp(`^${pattern}$`)
  return (tag) => whole.test(tag)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
