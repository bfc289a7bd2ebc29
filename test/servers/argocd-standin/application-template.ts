import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { z } from 'zod'
import type { ApplicationObject } from './application-store.ts'

const TemplateSchema = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    finalizers: z.array(z.string()),
  }),
  spec: z.looseObject({
    source: z.looseObject({ repoURL: z.string(), targetRevision: z.string(), path: z.string() }),
    destination: z.object({ name: z.string(), server: z.string(), namespace: z.string() }),
  }),
})
const ApplicationSetSchema = z.object({ spec: z.object({ template: TemplateSchema }) })

export type Rendered = Pick<ApplicationObject, 'spec'> & {
  readonly metadata: Pick<ApplicationObject['metadata'], 'name' | 'labels' | 'annotations' | 'finalizers'>
  readonly namespace: string
  readonly folder: string
}

/** Makes Applications of preview.yaml files by the very template of argocd/applicationset/. */
export function applicationTemplate(settings: { gitUrl: string; branch: string; instance: string }) {
  const file = new URL('../../../argocd/applicationset/applicationset.yaml', import.meta.url)
  const { template } = ApplicationSetSchema.parse(load(readFileSync(file, 'utf8'))).spec
  /** @throws where the template asks for a key that the file has not: missingkey=error */
  return (previewFile: string, text: string): Rendered => {
    const folder = previewFile.slice(0, previewFile.lastIndexOf('/'))
    const parameters = { ...z.looseObject({}).parse(load(text)), path: { path: folder, segments: folder.split('/') } }
    const { metadata, spec } = TemplateSchema.parse(filledDeep(template, parameters))
    return {
      metadata: { ...metadata, labels: { ...metadata.labels, 'westage.dev/instance': settings.instance } },
      spec: {
        ...spec,
        source: { ...spec.source, repoURL: settings.gitUrl, targetRevision: settings.branch },
      },
      namespace: spec.destination.namespace,
      folder,
    }
  }
}

/** Argo CD fills in every text of the template, wherever it stands. */
function filledDeep(value: unknown, parameters: unknown): unknown {
  if (typeof value === 'string') return filled(value, parameters)
  if (Array.isArray(value)) return value.map((item) => filledDeep(item, parameters))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledDeep(inner, parameters)]))
}

/** As much of Go's templates as the ApplicationSet uses: `{{.a.b}}`, `{{index .a.b 1}}`, `{{if .a}}…{{else}}…{{end}}`. */
function filled(text: string, parameters: unknown): string {
  const chosen = text.replace(
    /\{\{if ([^{}]+)\}\}(.*?)\{\{else\}\}(.*?)\{\{end\}\}/g,
    (_, expression: string, yes: string, no: string) => (lookedUp(expression, parameters) === '' ? no : yes),
  )
  return chosen.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => String(lookedUp(expression, parameters)))
}

function lookedUp(expression: string, parameters: unknown): unknown {
  const [, list = expression, index] = /^index (\S+) (\d+)$/.exec(expression) ?? []
  if (!/^(\.[A-Za-z]+)+$/.test(list)) throw new Error(`the stand-in does not know the template ${expression}`)
  const keys = [...list.slice(1).split('.'), ...(index === undefined ? [] : [index])]
  return keys.reduce((value, key) => entry(value, key, expression), parameters)
}

function entry(value: unknown, key: string, expression: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
    throw new Error(`template: executing at <${expression}>: map has no entry for key "${key}"`)
  }
  return Object.entries(value).find(([name]) => name === key)?.[1]
}
