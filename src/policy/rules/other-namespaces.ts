import { changesOf } from '../../manifests/changes.ts'
import { isList, textOf } from '../../manifests/json.ts'
import { annotationsOf } from '../../manifests/manifest.ts'
import { followNamespaces } from '../../manifests/namespace-fields.ts'
import { controlTextsOf } from '../control-texts.ts'
import { annotationField } from '../metadata.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Breach, Rule, Subject } from '../rule.ts'
import { isOwnOfTraefik } from '../traefik-names.ts'
import { isSharedGateway } from './shared-gateways.ts'

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
/** Objects of free names, where `namespace` is but a name. */
const FREE = [
  'labels',
  'matchLabels',
  'annotations',
  'selector',
  'nodeSelector',
  'matchSubset',
  'subset',
  'data',
  'stringData',
]
/** `service.namespace.svc` (Kubernetes: DNS for Services and Pods) */
const SERVICE_HOST = /(?:^|[^a-z0-9.-])[a-z0-9-]+\.([a-z0-9-]+)\.svc(?![a-z0-9-])/gi
/** `service.namespace` as the host of a URL: two labels are a public host, too, but for namespaces that clusters have. */
const SHORT_HOST =
  /:\/\/(?:[^/@\s]{1,200}@)?[a-z0-9-]+\.(default|argocd|monitoring|kube-[a-z]+|[a-z0-9-]+-system)(?=[:/?#]|$)/gi
const MAY_NAME_NAMESPACES = /amespaces?$|^matchNames$|^any$/
const TRAEFIK_LISTS = ['router.middlewares', 'router.tls.options', 'service.serverstransport'].map(
  (name) => `traefik.ingress.kubernetes.io/${name}`,
)

/**
 * Three nets, one behind the other: fields of known kinds, whatever is called a namespace anywhere, and the names of
 * Services in texts that controllers act on. What pods are told in variables, arguments and ConfigMaps is the app's own
 * affair, and network policies' to stop.
 */
export const otherNamespaces: Rule = {
  name: 'other-namespaces',
  why: 'What is in another namespace is somebody else’s.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) => {
    const found = new Map<string, string>()
    for (const { field, name } of [
      ...knownFields(subject),
      ...calledNamespaces(subject),
      ...serviceHosts(subject),
      ...traefikLists(subject),
    ]) {
      if (!found.has(field)) found.set(field, name)
    }
    return [...found].flatMap(([field, name]): readonly Breach[] =>
      isSharedGateway(subject.kind, field)
        ? []
        : [
            {
              field,
              words: `names ${name === '*' ? 'every namespace' : `the namespace ${name}`}: a preview keeps to its own`,
            },
          ],
    )
  },
}

interface Named {
  readonly field: string
  readonly name: string
}

/** What the transform that moves objects knows of, marked by it. Traefik's lists of names have a net of their own. */
function knownFields({ manifest, context: { namespace } }: Subject): readonly Named[] {
  const names: string[] = []
  const marked = followNamespaces(manifest, (name) => {
    if (name === namespace || !DNS_LABEL.test(name)) return name
    names.push(name)
    return `${name}-of-another`
  })
  if (names.length === 0) return []
  return changesOf([manifest], [marked])
    .filter(({ path }) => !TRAEFIK_LISTS.some((list) => path.includes(list)))
    .map(({ path, before }) => ({ field: path, name: names.find((name) => before?.includes(name)) ?? names[0] ?? '' }))
}

function calledNamespaces(subject: Subject): readonly Named[] {
  const { namespace } = subject.context
  const isOther = (name: string) => name === '*' || (name !== namespace && DNS_LABEL.test(name))
  return subject.control.flatMap(({ key, parent, field, value }) => {
    if (!MAY_NAME_NAMESPACES.test(key) || FREE.includes(parent)) return []
    if (/^(.+N|n)amespace$/.test(key)) return isOther(textOf(value)) ? [{ field, name: textOf(value) }] : []
    if (/^(.*N|n)amespaces$|^matchNames$/.test(key) && isList(value)) {
      return value
        .map(textOf)
        .filter(isOther)
        .map((name) => ({ field, name }))
    }
    if (key === 'any' && value === true && parent === 'namespaceSelector') return [{ field, name: '*' }]
    return []
  })
}

const serviceHosts = (subject: Subject): readonly Named[] =>
  (/\.svc|:\/\//i.test(subject.controlText) ? controlTextsOf(subject) : []).flatMap(({ field, text }) =>
    [...text.matchAll(SERVICE_HOST), ...text.matchAll(SHORT_HOST)]
      .map(([, name = '']) => name.toLowerCase())
      .filter((name) => name !== subject.context.namespace)
      .map((name) => ({ field, name })),
  )

/** Traefik: Kubernetes Ingress, Annotations: lists of `namespace-name@kubernetescrd`. */
const traefikLists = ({ manifest, bundle, context }: Subject): readonly Named[] =>
  TRAEFIK_LISTS.flatMap((list) =>
    textOf(annotationsOf(manifest)[list])
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item.endsWith('@kubernetescrd') && !isOwnOfTraefik(item, bundle, context))
      .map((item) => ({ field: annotationField('metadata', list), name: `of ${item}` })),
  )
