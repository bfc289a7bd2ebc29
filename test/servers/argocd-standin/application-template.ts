import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { z } from 'zod'
import type { ApplicationObject } from './application-store.ts'

const ApplicationSetSchema = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
        finalizers: z.array(z.string()),
      }),
      spec: z.looseObject({
        source: z.object({ repoURL: z.string(), targetRevision: z.string(), path: z.string() }),
        destination: z.object({ name: z.string(), namespace: z.string() }),
      }),
    }),
  }),
})

export type Rendered = Pick<ApplicationObject, 'spec'> & {
  readonly metadata: Pick<ApplicationObject['metadata'], 'name' | 'labels' | 'annotations' | 'finalizers'>
  readonly namespace: string
  readonly folder: string
}

/** Makes Applications of preview.yaml files by the very template of argocd/applicationset.yaml. */
export function applicationTemplate(settings: { gitUrl: string; branch: string; instance: string }) {
  const file = new URL('../../../argocd/applicationset.yaml', import.meta.url)
  const { template } = ApplicationSetSchema.parse(load(readFileSync(file, 'utf8'))).spec
  /** @throws where the template asks for a key that the file has not: missingkey=error */
  return (previewFile: string, text: string): Rendered => {
    const folder = previewFile.slice(0, previewFile.lastIndexOf('/'))
    const parameters = { ...z.looseObject({}).parse(load(text)), path: { path: folder, segments: folder.split('/') } }
    const fill = (value: string) => filled(value, parameters)
    const fillAll = (values: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fill(value)]))
    const namespace = fill(template.spec.destination.namespace)
    return {
      metadata: {
        name: fill(template.metadata.name),
        labels: { ...fillAll(template.metadata.labels), 'westage.dev/instance': settings.instance },
        annotations: fillAll(template.metadata.annotations),
        finalizers: template.metadata.finalizers,
      },
      spec: {
        ...template.spec,
        source: {
          repoURL: settings.gitUrl,
          targetRevision: settings.branch,
          path: fill(template.spec.source.path),
        },
        destination: { name: fill(template.spec.destination.name), namespace },
      },
      namespace,
      folder,
    }
  }
}

/** As much of Go's templates as the ApplicationSet uses: `{{.a.b}}` and `{{index .a.b 1}}`. */
function filled(text: string, parameters: unknown): string {
  return text.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const [, list = expression, index] = /^index (\S+) (\d+)$/.exec(expression) ?? []
    if (!/^(\.[A-Za-z]+)+$/.test(list)) throw new Error(`the stand-in does not know the template ${expression}`)
    const keys = [...list.slice(1).split('.'), ...(index === undefined ? [] : [index])]
    return String(keys.reduce((value, key) => entry(value, key, expression), parameters))
  })
}

function entry(value: unknown, key: string, expression: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
    throw new Error(`template: executing at <${expression}>: map has no entry for key "${key}"`)
  }
  return Object.entries(value).find(([name]) => name === key)?.[1]
}
