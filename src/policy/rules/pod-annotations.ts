import { annotationField, metadataOf } from '../metadata.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Annotations that runtimes, network plugins and injectors take orders from, past all that a pod's spec says: Multus,
 * Calico, Kube-OVN; CRI-O, crun, Kata Containers, CDI; injectors that add volumes of any type (Istio), change their
 * containers at will (Vault) or run any image with rights of their own (Linkerd).
 */
const ORDERS = [
  /^k8s\.v1\.cni\.cncf\.io\/networks/,
  /^v1\.multus-cni\.io\//,
  /^cni\.projectcalico\.org\//,
  /^(.+\.)?ovn\.kubernetes\.io\//,
  /^k8s\.ovn\.org\//,
  /^io\.kubernetes\.cri-o\./,
  /^(.+\.)?crio\.io\//,
  /^run\.oci\./,
  /^io\.katacontainers\./,
  /^cdi\.k8s\.io\//,
  /^sidecar\.istio\.io\/(userVolume|userVolumeMount|bootstrapOverride|proxyImage|componentLogLevel)$/,
  /^inject\.istio\.io\//,
  /^vault\.hashicorp\.com\/agent-(init-)?json-patch$/,
  /^config\.linkerd\.io\/(proxy|init|debug)-image$/,
]
/** external-dns, Pod source. On objects these hosts have been made the preview's own; in a template they still are the app's. */
const HOST = /^external-dns\.(alpha\.)?kubernetes\.io\/(internal-)?hostname$/

export const podAnnotations: Rule = {
  name: 'pod-annotations',
  why: 'Some annotations give a pod devices, volumes or networks that its spec does not show.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: (subject) => {
    if (subject.pods.length === 0) return []
    return metadataOf(subject).flatMap(({ field, annotations, of }) =>
      Object.keys(annotations)
        .filter((key) => ORDERS.some((order) => order.test(key)) || (of === 'template' && HOST.test(key)))
        .map((key) => ({
          field: annotationField(field, key),
          words: 'gives orders to the runtime, the network or an injector: leave it out',
        })),
    )
  },
}
