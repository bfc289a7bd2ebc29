/**
 * An address below that of a service, which may have a path of its own at its host.
 * @param path without a slash in front, its parts encoded, no query
 */
export function urlBelow(service: URL, path: string): URL {
  const url = new URL(service)
  url.pathname = `${service.pathname.replace(/\/+$/, '')}/${path}`
  url.search = ''
  url.hash = ''
  return url
}
