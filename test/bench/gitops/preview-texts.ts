/** What stands in a preview's folder of the bench: 12 files of 2 KB, as WeStage prints them, each revision's its own. */
import { createHash } from 'node:crypto'

const APPS = 50
const FILE_BYTES = 2048
const MANIFESTS = [
  'configmap-settings',
  'deployment-web',
  'deployment-worker',
  'ingress-web',
  'job-migrate',
  'namespace',
  'networkpolicy-default',
  'service-web',
  'service-worker',
  'serviceaccount-web',
  'statefulset-mysql',
]
/** The preview file first: what a restart reads. */
const FILES = ['preview.yaml', ...MANIFESTS.map((name) => `manifests/${name}.yaml`)]
/** What another revision changes: its SHA, and the image in two workloads. */
const CHANGED_BY_REVISION: readonly string[] = [
  'preview.yaml',
  'manifests/deployment-web.yaml',
  'manifests/deployment-worker.yaml',
]

/** A preview, counted from 0, at a revision, counted from 0. */
export interface Revision {
  readonly preview: number
  readonly revision: number
}

/** Previews are spread evenly over the apps. */
export const pathOf = (preview: number): string => `previews/app-${preview % APPS}/pr-${Math.floor(preview / APPS) + 1}`

/** Path below the folder -> text, all twelve. */
export const textsOf = (of: Revision): ReadonlyMap<string, string> =>
  new Map(FILES.map((file) => [file, textOf(file, of)]))

/** Of the texts, those that the revision before had otherwise. */
export const changedTextsOf = (of: Revision): ReadonlyMap<string, string> =>
  new Map(CHANGED_BY_REVISION.map((file) => [file, textOf(file, of)]))

/** The same kind of file of all previews is written one after the other: git finds what they have in common. */
export function* textsByFile(previews: number): Generator<{ readonly path: string; readonly text: string }> {
  for (const file of FILES) {
    for (let preview = 0; preview < previews; preview++) {
      yield { path: `${pathOf(preview)}/${file}`, text: textOf(file, { preview, revision: 0 }) }
    }
  }
}

/** In one line each, as WeStage's own are. */
export const messageOf = ({ preview, revision }: Revision): string =>
  `app-${preview % APPS} #${Math.floor(preview / APPS) + 1}: ${hashOf(preview, revision).slice(0, 12)}\n\nWeStage-Preview: 42/${preview}/app-${preview % APPS}\n`

function textOf(file: string, { preview, revision }: Revision): string {
  const shown = CHANGED_BY_REVISION.includes(file) ? revision : 0
  const name = `app-${preview % APPS}`
  const namespace = `westage-${name}-feature-${preview}`
  const lines = [
    `# ${file}`,
    `app: ${name}`,
    `namespace: ${namespace}`,
    `sha: ${hashOf(preview, shown).slice(0, 40)}`,
    `url: https://feature-${preview}-${name}.preview.example.com`,
    `image: registry.example.com/previews/${name}@sha256:${hashOf(preview, shown, 'image')}`,
    `checksum: ${hashOf(preview, file)}`,
  ]
  const length = lines.join('\n').length
  for (let at = 0, filled = length; filled < FILE_BYTES; at++) {
    const line = `  - {name: ${SETTINGS[at % SETTINGS.length]}_${at}, value: "${namespace}-${hashOf(file, at).slice(0, 8)}"}`
    lines.push(line)
    filled += line.length + 1
  }
  return `${lines.join('\n').slice(0, FILE_BYTES - 1)}\n`
}

const SETTINGS = ['DATABASE_HOST', 'LOG_LEVEL', 'QUEUE_URL', 'CACHE_TTL_SECONDS', 'FEATURE_FLAGS', 'PUBLIC_ADDRESS']

const hashOf = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join(' ')).digest('hex')
