import { EVENT_ID, type Event, getScalarValue } from 'js-yaml'

/** Where a value of a YAML text stands. Lines count from 1. */
export interface Place {
  readonly line: number
  /** A mapping's values, each with the line of its key. */
  readonly entries: ReadonlyMap<string, { readonly keyLine: number; readonly value: Place }>
  readonly items: readonly Place[]
}

/** A key that a mapping has once more. */
interface Twin {
  readonly path: readonly PropertyKey[]
  readonly line: number
  readonly firstLine: number
}

export interface Places {
  /** Of each document. */
  readonly roots: readonly Place[]
  readonly twins: readonly Twin[]
}

/** What js-yaml's parser read in `text`, as places. An alias stands where its anchor does. */
export function placesOf(text: string, events: readonly Event[]): Places {
  const lineOf = linesOf(text)
  const twins: Twin[] = []
  const roots: Place[] = []
  const anchors = new Map<string, Place>()
  let at = 0
  const anchorOf = (event: { anchorStart: number; anchorEnd: number }) =>
    event.anchorStart === -1 ? '' : text.slice(event.anchorStart, event.anchorEnd).replace(/^[&*]/, '')

  const until = (each: (event: Event) => void) => {
    for (let event = events[at++]; event !== undefined && event.type !== EVENT_ID.POP; event = events[at++]) each(event)
  }

  /** The place of a value whose first event is this one; the events of what it holds come next. */
  function placeOf(event: Event, path: readonly PropertyKey[], above: number): Place {
    if (event.type === EVENT_ID.ALIAS) {
      return anchors.get(anchorOf(event)) ?? { line: above, entries: new Map(), items: [] }
    }
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) throw new Error('a document in a document')
    const start = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start
    const entries: Map<string, { keyLine: number; value: Place }> = new Map()
    const items: Place[] = []
    const place = { line: start === -1 ? above : lineOf(start), entries, items }
    anchors.set(anchorOf(event), place)
    if (event.type === EVENT_ID.SEQUENCE) {
      until((item) => items.push(placeOf(item, [...path, items.length], place.line)))
    }
    if (event.type === EVENT_ID.MAPPING) {
      until((key) => {
        const { line: keyLine } = placeOf(key, path, place.line)
        const name = key.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : ''
        const twin = entries.get(name)
        if (twin !== undefined) twins.push({ path: [...path, name], line: keyLine, firstLine: twin.keyLine })
        const value = events[at++]
        if (value !== undefined) entries.set(name, { keyLine, value: placeOf(value, [...path, name], keyLine) })
      })
    }
    return place
  }

  while (at < events.length) {
    at++ // the document's own event
    const start = roots.length
    until((event) => roots.push(placeOf(event, [], 1)))
    if (roots.length === start) roots.push({ line: 1, entries: new Map(), items: [] })
  }
  return { roots, twins }
}

/** The line of what stands at a path: its key's, or for what is not there that of what it should be in. */
export function lineAt(root: Place, path: readonly PropertyKey[]): number {
  let [place, line] = [root, root.line]
  for (const step of path) {
    const entry = typeof step === 'number' ? undefined : place.entries.get(String(step))
    const inner = typeof step === 'number' ? place.items[step] : entry?.value
    if (inner === undefined) return line
    line = entry?.keyLine ?? inner.line
    place = inner
  }
  return line
}

function linesOf(text: string): (offset: number) => number {
  const starts = [0, ...[...text.matchAll(/\r\n?|\n/g)].map(({ 0: end, index }) => index + end.length)]
  return (offset) => {
    const after = starts.findIndex((start) => start > offset)
    return after === -1 ? starts.length : after
  }
}
