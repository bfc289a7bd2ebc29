import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { configMapDataOf, environmentOf, type Manifest, westageEnvOf } from './manifests.ts'

/** What a host leads to: `manifests` is null while nothing of the preview is healthy yet. */
export interface Backend {
  readonly application: string
  readonly manifests: readonly Manifest[] | null
}

/** In the place of the app's container, where somebody plays it. */
export interface PlayedApp {
  /**
   * Answers as the app would.
   * @param env the container's environment
   * @returns null for what the stand-in's own page is for
   */
  answer(request: Request, env: ReadonlyMap<string, string>): Promise<Response | null>
  /** What the stand-in's page has of it, as HTML. */
  readonly markup: string
}

/** Answers for the hosts of previews as an ingress controller and the app behind it would. */
export function previewWeb(backendOf: (host: string) => Backend | null, played: PlayedApp | null): Server {
  const listener = getRequestListener(async (request) => {
    const host = (request.headers.get('host') ?? '').replace(/:\d+$/, '').toLowerCase()
    const backend = backendOf(host)
    if (backend === null) return refusal(404, `The stand-in for a cluster has no Ingress for ${host}`)
    const { application, manifests } = backend
    if (manifests === null) {
      return refusal(503, `The stand-in for a cluster has no healthy pods for ${application} yet`)
    }
    const answer = await played?.answer(request, environmentOf(manifests))
    return answer ?? htmlAnswer(200, pageOf(host, application, manifests, played))
  })
  return createServer((incoming, outgoing) => {
    outgoing.shouldKeepAlive = false
    void listener(incoming, outgoing)
  })
}

const refusal = (status: number, why: string): Response =>
  htmlAnswer(status, `<!doctype html><title>${status}</title><p>${escaped(why)}</p>\n`)

const htmlAnswer = (status: number, body: string): Response =>
  new Response(body, { status, headers: { 'content-type': 'text/html; charset=utf-8' } })

function pageOf(host: string, application: string, manifests: readonly Manifest[], played: PlayedApp | null): string {
  const env = new Map(manifests.flatMap((manifest) => [...westageEnvOf(manifest)]))
  const configMaps = manifests.filter(({ kind }) => kind === 'ConfigMap')
  const slug = (env.get('WESTAGE_NAMESPACE') ?? '').replace(`westage-${env.get('WESTAGE_APP') ?? ''}-`, '')
  return `<!doctype html>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(host)} (stand-in)</title>
<h1>${escaped(env.get('WESTAGE_APP') ?? application)}/${escaped(slug)} at ${escaped(env.get('WESTAGE_SHA') ?? 'an unknown SHA')}</h1>
<p>The stand-in for a cluster answers here: no container runs. This is what was applied for ${escaped(host)}.</p>
${played === null ? '' : `<h2>The app, played by a double</h2>\n${played.markup}`}
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
