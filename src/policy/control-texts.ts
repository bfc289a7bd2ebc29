import { objectOf, without } from '../manifests/json.ts'
import type { Manifest } from '../manifests/manifest.ts'
import { below, type Entry, entriesIn } from './locate.ts'
import type { Container } from './pods.ts'
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
export function controlEntriesOf(kind: string, manifest: Manifest, containers: readonly Container[]): readonly Entry[] {
  const { apiVersion: _, kind: __, metadata, ...body } = manifest
  const annotations = { metadata: { annotations: without(objectOf(metadata.annotations), DESCRIPTIONS) } }
  if (DATA.includes(kind)) return entriesIn(annotations)
  const data = containers.flatMap(({ field }) => CONTAINER_DATA.map((name) => below(field, name)))
  return [...entriesIn(annotations), ...entriesIn(body, new Set(data))]
}

/** All texts among entries, one a line: whether a pattern stands in any, before it is looked for one by one. */
export const wholeTextOf = (entries: readonly Entry[]): string =>
  entries.map(({ key, value }) => (typeof value === 'string' ? `${key}\n${value}` : key)).join('\n')

/** The texts among them; keys count as texts, too. */
export const controlTextsOf = ({ control }: Pick<Subject, 'control'>): readonly ControlText[] =>
  control.flatMap(({ key, field, value }) => [
    ...(key === '' ? [] : [{ field, text: key }]),
    ...(typeof value === 'string' ? [{ field, text: value }] : []),
  ])
