import { createServer, type Server } from 'node:http'
import { configMapDataOf, type Manifest, westageEnvOf } from './manifests.ts'

/** What a host leads to: `manifests` is null while nothing of the preview is healthy yet. */
export interface Backend {
  readonly application: string
  readonly manifests: readonly Manifest[] | null
}

/** Answers for the hosts of previews as an ingress controller and the app behind it would. */
export function previewWeb(backendOf: (host: string) => Backend | null): Server {
  return createServer((request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    const backend = backendOf(host)
    const [status, body] =
      backend === null
        ? [404, `The stand-in for a cluster has no Ingress for ${host}`]
        : backend.manifests === null
          ? [503, `The stand-in for a cluster has no healthy pods for ${backend.application} yet`]
          : [200, pageOf(host, backend.application, backend.manifests)]
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', connection: 'close' })
    response.end(status === 200 ? body : `<!doctype html><title>${status}</title><p>${escaped(body)}</p>\n`)
  })
}

function pageOf(host: string, application: string, manifests: readonly Manifest[]): string {
  const env = new Map(manifests.flatMap((manifest) => [...westageEnvOf(manifest)]))
  const configMaps = manifests.filter(({ kind }) => kind === 'ConfigMap')
  const slug = (env.get('WESTAGE_NAMESPACE') ?? '').replace(`westage-${env.get('WESTAGE_APP') ?? ''}-`, '')
  return `<!doctype html>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(host)} (stand-in)</title>
<h1>${escaped(env.get('WESTAGE_APP') ?? application)}/${escaped(slug)} at ${escaped(env.get('WESTAGE_SHA') ?? 'an unknown SHA')}</h1>
<p>The stand-in for a cluster answers here: no container runs. This is what was applied for ${escaped(host)}.</p>
<h2>Environment</h2>
${table(env)}
${configMaps
  .map((manifest) => `<h2>ConfigMap ${escaped(manifest.metadata.name)}</h2>\n${table(configMapDataOf(manifest))}`)
  .join('\n')}
`
}

const table = (entries: ReadonlyMap<string, string>): string =>
  `<dl>\n${[...entries].map(([key, value]) => `<dt>${escaped(key)}</dt><dd><pre>${escaped(value)}</pre></dd>`).join('\n')}\n</dl>`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
