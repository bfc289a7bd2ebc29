/** Which tags an instance may have made, by `registry.tag`. */
import { type RegistrySettings, TAG_BY_HASH, tagOfNamed } from './image-target.ts'

/** As `isImageName` has it. */
export const IMAGE_NAME = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'

const PLACEHOLDERS: ReadonlyMap<string, string> = new Map([
  ['{sha}', '[0-9a-f]{40}'],
  ['{pr}', '[1-9][0-9]*'],
  ['{image}', IMAGE_NAME],
  // As long as `imageHash` makes them: CI that tags by a shorter hash of its own must not lose its images.
  [TAG_BY_HASH, '[0-9a-f]{64}'],
])

/**
 * Whether a tag is one that the template gives for some revision of some image of the app; it may be another's by chance
 * alone.
 */
export function isOwnTag(
  settings: Pick<RegistrySettings, 'repository' | 'tag'>,
  app: string,
): (tag: string) => boolean {
  const patterns = [settings.tag, tagOfNamed(settings)].map((template) => patternOf(template, app))
  const whole = new RegExp(`^(?:${patterns.join('|')})$`)
  return (tag) => whole.test(tag)
}

const patternOf = (template: string, app: string): string =>
  template
    .split(/(\{[^{}]*\})/)
    .map((part) => PLACEHOLDERS.get(part) ?? escaped(part === '{app}' ? app : part))
    .join('')

/** A text as a pattern that it alone matches. */
export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
