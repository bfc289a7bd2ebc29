/** Every name that WeStage makes, and the rules that each must keep. */
import { createHash } from 'node:crypto'

/** RFC 1035: a DNS label has at most 63 octets; RFC 1123 lets it start with a digit. Kubernetes holds names to both. */
const LABEL_MAX = 63
const HOST_MAX = 253
const NAMESPACE_PREFIX = 'westage-'
const APP_MAX = 30
const HASH_LENGTH = 6
/** What is left of a label beside the hash. */
const STEM_MAX = LABEL_MAX - HASH_LENGTH - 1
/** What `hostOf` leaves of a host that is too long: at most one label goes that would have fitted. */
const CUT_HOST_MIN = HOST_MAX - HASH_LENGTH - LABEL_MAX - 1
const CUT_LABEL = /^([a-z0-9-]+-)?[0-9a-f]{6}(\.|$)/
/** Longer slugs make addresses that nobody can read out. */
const SLUG_MAX = 40

/** What is left of a namespace after the prefix, the app, and the dash between app and slug. */
const slugRoom = (app: string): number => Math.min(SLUG_MAX, LABEL_MAX - NAMESPACE_PREFIX.length - app.length - 1)

/** A DNS label of at most 30 characters, which leaves room for the slug in a namespace. */
export const isAppName = (text: string): boolean =>
  text.length <= APP_MAX && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)

/** Of an image that its app has others beside: it may stand in a tag, and in the name of a repository. */
export const isImageName = (text: string): boolean => isAppName(text)

/** An app's name by convention: its repo's (`owner/name`), made safe for DNS. */
export const appNameOf = (repositoryName: string): string =>
  label(repositoryName.slice(repositoryName.indexOf('/') + 1), APP_MAX) || `app-${hash(repositoryName)}`

/**
 * The slug of a branch: safe for DNS, short enough for the app's namespaces, cut with a hash where the branch is too
 * long, a hash where nothing of it is left. The same branch always gives the same slug.
 */
export const slugOf = (app: string, branch: string): string => label(branch, slugRoom(app)) || hash(branch)

/**
 * The slug of a new preview. Where `isTaken` has the plain one (`feat/a` and `feat-a`, two pulls of one branch, another
 * app whose namespace would be the same) it ends in `-pr<number>`, and where that is taken too it starts with a hash.
 */
export function freeSlug(app: string, branch: string, pull: number, isTaken: (slug: string) => boolean): string {
  const suffix = `-pr${pull}`
  const numbered = (stem: string) => `${label(stem, slugRoom(app) - suffix.length) || hash(stem)}${suffix}`
  const candidates = [slugOf(app, branch), numbered(branch)]
  for (const slug of candidates) if (!isTaken(slug)) return slug
  for (let nth = 1; ; nth++) {
    const slug = numbered(hash(`${app} ${branch} ${pull} ${nth}`))
    if (!isTaken(slug)) return slug
  }
}

/** `westage-<app>-<slug>`, at most 63 characters. */
export const namespaceOf = (app: string, slug: string): string => `${NAMESPACE_PREFIX}${app}-${slug}`

/** The preview's folder in the GitOps repo. */
export const folderOf = (app: string, pull: number): string => `previews/${app}/pr-${pull}`

/** The app and pull of a preview's folder, null for any other path. */
export function parseFolder(path: string): { app: string; pull: number } | null {
  const [, app, pull] = /^previews\/([^/]+)\/pr-([1-9][0-9]{0,9})$/.exec(path) ?? []
  return app !== undefined && pull !== undefined && isAppName(app) ? { app, pull: Number(pull) } : null
}

/** The GitHub environment of a preview. */
export const environmentOf = (app: string, pull: number): string => `westage/${app}/pr-${pull}`

/** The Check run's name. */
export const checkNameOf = (app: string): string => `westage / ${app}`

/**
 * A host of the app made the preview's own. A label over 63 octets or a name over 253 (RFC 1035) is cut and carries a
 * hash of the whole, so that two long hosts stay two. Of a name that is too long the first label goes first, then the
 * labels next to it: the domain at its end is the one that DNS and certificates are for.
 */
export function hostOf(template: string, names: { slug: string; app: string; pull: number; host: string }): string {
  const full = filled(template, names).replaceAll('{host}', names.host)
  const [first = '', ...others] = full.split('.')
  let rest = others.map((part) => (part.length <= LABEL_MAX ? part : cut(part, full, LABEL_MAX)))
  const room = () => Math.min(LABEL_MAX, HOST_MAX - rest.reduce((length, part) => length + part.length + 1, 0))
  const isWhole = first.length <= room()
  while (!isWhole && room() <= HASH_LENGTH) rest = rest.slice(1)
  return [isWhole ? first : cut(first, full, room()), ...rest].join('.')
}

/**
 * Whether a host is what `hostOf` makes of some host, for this preview and no other way. Of one that is cut because the
 * whole is too long little is left to know it by: how long it is, and the hash.
 */
export function isHostOf(template: string, names: { slug: string; app: string; pull: number }, host: string): boolean {
  if (host.length > HOST_MAX) return false
  const [before = '', ...after] = filled(template, names).split('{host}')
  const ends = after.map((part, nth) => `${nth === 0 ? '(.+)' : '\\1'}${escaped(part)}`).join('')
  const found = new RegExp(`^${escaped(before)}${ends}$`).exec(host)
  if (found !== null && hostOf(template, { ...names, host: found[1] ?? '' }) === host) return true
  return startsCut(before, host) || (host.length >= CUT_HOST_MIN && CUT_LABEL.test(host))
}

/** Whether a host begins with what `hostOf` leaves of a label that is too long before any of the app's host is in it. */
function startsCut(before: string, host: string): boolean {
  const labels = before.split('.')
  const isCut = (part: string, nth: number) => part.length > (nth === labels.length - 1 ? STEM_MAX : LABEL_MAX)
  const last = labels.findIndex(isCut)
  if (last === -1) return false
  const stem = (labels[last] ?? '').slice(0, STEM_MAX).replace(/-+$/, '')
  const start = [...labels.slice(0, last), stem].map(escaped).join('\\.')
  return new RegExp(`^${start}-[0-9a-f]{${HASH_LENGTH}}(\\.|$)`).test(host)
}

const filled = (template: string, { slug, app, pull }: { slug: string; app: string; pull: number }): string =>
  template.replaceAll('{slug}', slug).replaceAll('{app}', app).replaceAll('{pr}', String(pull))

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function label(text: string, max: number): string {
  const safe = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return safe.length <= max ? safe : cut(safe, text, max)
}

/** `text` cut to `max`, ending in a hash of `whole`. */
const cut = (text: string, whole: string, max: number): string =>
  `${text.slice(0, Math.max(0, max - HASH_LENGTH - 1)).replace(/-+$/, '')}-${hash(whole)}`.replace(/^-+/, '')

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
