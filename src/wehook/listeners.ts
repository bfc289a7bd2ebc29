/** The listeners that the running previews come to. */
import type { Listener } from './listener.ts'
import type { RunningPreview } from './running-previews.ts'

/**
 * One for each callback that a preview takes from a source that there is. It gets what came since the preview's
 * revision was committed: the list says of a new preview a little later that it is there.
 * @param base the address below which a preview takes callbacks, null where it has none yet
 */
export function listenersOf(
  previews: readonly RunningPreview[],
  sources: ReadonlySet<string>,
  base: (preview: RunningPreview) => string | null,
  nowMs: number,
): readonly Listener[] {
  return previews.flatMap((preview) => {
    const address = base(preview)
    if (address === null) return []
    const name = `${preview.app}/pr-${preview.pull.number}`
    return preview.callbacks.flatMap(({ source, path }) =>
      sources.has(source)
        ? [
            {
              ...{ name: `${name} ${source} ${path}`, preview: name, source },
              ...{
                url: new URL(path, address),
                sinceMs: preview.since === null ? nowMs : Math.min(nowMs, Date.parse(preview.since)),
              },
            },
          ]
        : [],
    )
  })
}
