import { objectOf, without } from '../manifests/json.ts'
import { below, type Entry, entriesIn } from './locate.ts'
import type { Subject } from './rule.ts'

export interface ControlText {
  readonly field: string
  readonly text: string
}

/** Kinds whose bodies are the app's own data, read by nobody but its pods. */
const DATA = ['ConfigMap', 'Secret', 'SealedSecret.bitnami.com']
/** Fields of a container that only the container reads. */
const CONTAINER_DATA = ['env', 'envFrom', 'args', 'command', 'image', 'workingDir']
/** What only says what an object is; kubectl's is a copy of the whole object. */
const DESCRIPTIONS = ['kubectl.kubernetes.io/last-applied-configuration', 'westage.dev/pull-url']

/**
 * All by which an object tells controllers of the cluster what to do, as against data that only the app's own processes
 * read: its annotations and everything but metadata.
 */
export function controlEntriesOf({ kind, manifest, containers }: Subject): readonly Entry[] {
  const { apiVersion: _, kind: __, metadata, ...body } = manifest
  const annotations = { metadata: { annotations: without(objectOf(metadata.annotations), DESCRIPTIONS) } }
  if (DATA.includes(kind)) return [...entriesIn(annotations)]
  const data = containers.flatMap(({ field }) => CONTAINER_DATA.map((name) => below(field, name)))
  return [...entriesIn(annotations), ...entriesIn(body, new Set(data))]
}

/** The texts among them; keys count as texts, too. */
export const controlTextsOf = (subject: Subject): readonly ControlText[] =>
  controlEntriesOf(subject).flatMap(({ key, field, value }) => [
    ...(key === '' ? [] : [{ field, text: key }]),
    ...(typeof value === 'string' ? [{ field, text: value }] : []),
  ])
