/** The listeners that the running previews come to. */
import type { Listener } from './listener.ts'
import type { RunningPreview } from './running-previews.ts'

/** Where callbacks go: to the preview's host as anybody reaches it, or to its Service, past what is in front of that. */
export type Target = 'host' | 'service'

/**
 * One for each callback that a preview takes from a source that there is. It gets all that is not too old, where the app
 * asks for what it missed, and otherwise what came since the preview's revision was committed: nobody can have meant it
 * before, and the list says a little later that it is there. Where that time is not known, too much is better than too
 * little. Of a preview whose Service is not known, the host is the target. What leads to no address of the preview's own
 * is left out: one preview's fault keeps nothing from the others.
 */
export function listenersOf(
  previews: readonly RunningPreview[],
  sources: ReadonlySet<string>,
  target: Target,
): readonly Listener[] {
  return previews.flatMap((preview) => {
    const name = `${preview.app}/pr-${preview.pull.number}`
    const committedMs = preview.since === null ? 0 : Date.parse(preview.since)
    return (preview.callbacks ?? []).flatMap((callback) => {
      const { source, path, missed } = callback
      const place = placeOf(preview, callback, target)
      if (place === null || !sources.has(source)) return []
      return [{ name: `${name} ${source} ${path}`, preview: name, source, sinceMs: missed ? 0 : committedMs, ...place }]
    })
  })
}

function placeOf(
  { url, namespace }: RunningPreview,
  { path, service }: NonNullable<RunningPreview['callbacks']>[number],
  target: Target,
): Pick<Listener, 'url' | 'host'> | null {
  if (target === 'service' && service !== undefined && namespace !== null) {
    // Kubernetes: DNS for Services and Pods.
    const name = `${service.name}.${namespace}.svc`
    const place = urlAt(path, `http://${name}:${service.port}`)
    if (place === null || place.hostname !== name) return null
    return { url: place, host: url !== null && URL.canParse(url) ? new URL(url).host : null }
  }
  const place = url === null ? null : urlAt(path, url)
  return place === null ? null : { url: place, host: null }
}

/** A path at an address; null where it leads elsewhere, such as `//example.com`, or either is none. */
function urlAt(path: string, address: string): URL | null {
  if (!URL.canParse(path, address)) return null
  const url = new URL(path, address)
  return url.origin === new URL(address).origin ? url : null
}
