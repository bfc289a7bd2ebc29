import { billionthsOf } from '../manifests/quantity.ts'
import type { Config } from './schema.ts'
import type { Secrets } from './secrets.ts'

/** Something that is right by itself, and not beside what stands at `beside`. */
export interface Contradiction {
  /** A setting's path, or a secret's variable. */
  readonly what: readonly PropertyKey[] | string
  readonly words: string
  /** The path of the setting that makes it one. */
  readonly beside: readonly PropertyKey[]
}

/** Every setting and secret that another one needs and has not, or that two things share and must not. */
export const contradictions = (config: Config, secrets: Secrets): readonly Contradiction[] => [
  ...ofImages(config),
  ...ofBuilds(config),
  ...ofWorker(config),
  ...ofGitOps(config, secrets),
  ...ofArgoCd(config, secrets),
  ...ofAddons(config, secrets),
  ...ofLimits(config),
  ...ofApps(config),
]

function ofImages({ builder, registry }: Config): Contradiction[] {
  if (registry?.plainHttp && registry.caFile !== null) {
    const what = ['registry', 'caFile']
    return [{ what, words: 'is set, and registry.plainHttp leaves TLS out', beside: ['registry', 'plainHttp'] }]
  }
  if (builder === 'none' || registry !== null) return []
  return [{ what: ['registry'], words: `is missing, and builder is ${builder}`, beside: ['builder'] }]
}

/** buildah's isolation is no wall between a Dockerfile and the secrets of the others. */
const KEEPING_SECRETS: readonly string[] = ['docker', 'buildkit']

function ofBuilds({ builder, buildkit, registry, apps }: Config): Contradiction[] {
  const { address, job, tls, cacheTag } = buildkit
  const found: Contradiction[] = []
  if (tls !== null && job === null && (address === null || address.startsWith('unix:'))) {
    found.push({
      what: ['buildkit', 'tls'],
      words: 'is set, and buildkit.address is a socket',
      beside: ['buildkit', 'tls'],
    })
  }
  for (const [name, other] of Object.entries({ address, tls })) {
    if (job === null || other === null) continue
    const what = ['buildkit', name]
    found.push({ what, words: 'is set, and buildkit.job has a BuildKit for each build', beside: what })
  }
  if (cacheTag !== null && cacheTag === registry?.tag) {
    const beside = ['buildkit', 'cacheTag']
    found.push({ what: beside, words: "is the image's own, registry.tag", beside })
  }
  if (KEEPING_SECRETS.includes(builder)) return found
  for (const what of apps.flatMap((app, at) => secretsIn(app).map((path) => ['apps', at, ...path]))) {
    found.push({
      what,
      words: `is set, and builder is ${builder}: only docker and buildkit are given any`,
      beside: what,
    })
  }
  return found
}

/** Where an app has build secrets. */
function secretsIn({ build, images }: Config['apps'][number]): (readonly string[])[] {
  const builds = [
    { path: ['build'], build },
    ...Object.entries(images ?? {}).map(([name, image]) => ({ path: ['images', name, 'build'], build: image.build })),
  ]
  return builds
    .filter(({ build: inputs }) => Object.keys(inputs?.secrets ?? {}).length > 0)
    .map(({ path }) => [...path, 'secrets'])
}

function ofWorker({ worker: { run, kubernetes }, listen }: Config): Contradiction[] {
  if (run !== 'kubernetes') return []
  const beside = ['worker', 'run']
  if (kubernetes === null)
    return [{ what: ['worker', 'kubernetes'], words: 'is missing, and worker.run is kubernetes', beside }]
  if (kubernetes.listen.port === 0 || kubernetes.listen.port !== listen.port) return []
  const port = ['worker', 'kubernetes', 'listen', 'port']
  return [{ what: port, words: 'is that of listen.port: workers must not reach the rest of WeStage', beside: port }]
}

function ofGitOps({ gitops }: Config, { gitopsToken, gitopsSigningKey }: Secrets): Contradiction[] {
  const found: Contradiction[] = []
  if (gitops.write === 'api' && gitopsSigningKey !== null)
    found.push({
      what: 'WESTAGE_GITOPS_SIGNING_KEY',
      words: 'is set, and gitops.write is api: GitHub signs with a key of its own',
      beside: ['gitops', 'write'],
    })
  if (gitops.auth !== 'token') return found
  const beside = ['gitops', 'auth']
  if (gitopsToken === null)
    found.push({ what: 'WESTAGE_GITOPS_TOKEN', words: 'is missing, and gitops.auth is token', beside })
  if (gitops.write === 'api')
    found.push({ what: ['gitops', 'write'], words: 'is api, and gitops.auth is token', beside })
  return found
}

function ofArgoCd({ argocd }: Config, { argocdToken, argocdWebhookSecret }: Secrets): Contradiction[] {
  const found: Contradiction[] = []
  const { nudge, server } = argocd
  if (nudge.via === 'webhook') {
    const missing = (what: Contradiction['what']) => {
      found.push({ what, words: 'is missing, and argocd.nudge.via is webhook', beside: ['argocd', 'nudge', 'via'] })
    }
    if (nudge.server === null && server === null) missing(['argocd', 'nudge', 'server'])
    if (nudge.applicationSet === null) missing(['argocd', 'nudge', 'applicationSet'])
    if (argocdWebhookSecret === null) missing('WESTAGE_ARGOCD_WEBHOOK_SECRET')
  }
  const beside = ['argocd', 'server']
  if (server !== null && argocdToken === null) {
    found.push({ what: 'WESTAGE_ARGOCD_TOKEN', words: 'is missing, and argocd.server is set', beside })
  }
  if (server === null && argocdToken !== null) {
    found.push({ what: beside, words: 'is missing, and WESTAGE_ARGOCD_TOKEN is set', beside: ['argocd'] })
  }
  return found
}

function ofAddons({ addons, apps }: Config, { addonSecret }: Secrets): Contradiction[] {
  if (addons.passwords === 'generated' || addonSecret !== null) return []
  const missing = (where: string, beside: readonly PropertyKey[]): Contradiction[] => [
    { what: 'WESTAGE_ADDON_SECRET', words: `is missing, and ${where} names add-ons`, beside },
  ]
  if (addons.allowed.length > 0) return missing('addons.allowed', ['addons', 'allowed'])
  const at = apps.findIndex((app) => Object.keys(app.addons).length > 0)
  return at === -1 ? [] : missing(`apps[${at}].addons`, ['apps', at, 'addons'])
}

/** Kubernetes: LimitRange: a default request is at most the default limit, or the object is refused. */
function ofLimits({ namespace: { limits } }: Config): Contradiction[] {
  if (limits === null) return []
  return Object.entries(limits.defaultRequest).flatMap(([resource, request]) => {
    const [least, most] = [billionthsOf(request), billionthsOf(limits.default[resource])]
    if (least === null || most === null || least <= most) return []
    const what = ['namespace', 'limits', 'defaultRequest', resource]
    return [{ what, words: `is more than the default limit, ${limits.default[resource]}`, beside: what }]
  })
}

function ofApps({ apps }: Config): Contradiction[] {
  const names = apps.map(({ name }) => name)
  return names.flatMap((name, at) =>
    names.indexOf(name) === at
      ? []
      : [{ what: ['apps'], words: `two are called ${name}`, beside: ['apps', at, 'name'] }],
  )
}
