import { type JsonObject, listOf } from '../manifests/json.ts'
import { mapPodSpecs } from '../manifests/pod-templates.ts'
import type { Transform } from '../manifests/transform.ts'
import type { Endpoint } from './addon.ts'
import { restrictedContainer } from './restricted.ts'

/** busybox:1.37, for its `sh` and `nc`. */
const WAIT_IMAGE = 'busybox@sha256:9db7b59979c38555a39def84a31fb98b5296952f9e3afd4f6f11f05b07adfab0'
/** The user `nobody`, which needs no entry in the image. */
const NOBODY = 65534

/**
 * Puts in front of every pod's initContainers one that ends when all endpoints take connections. A Service has no
 * endpoint until its pod's readiness probe succeeds (Kubernetes: Service), so that is when the add-ons are usable.
 * Nothing to wait for changes nothing.
 * @param image with `sh` and `nc -z`; null for busybox
 */
export const waitForAddons =
  (endpoints: readonly Endpoint[], image: string | null): Transform =>
  (manifests, { podTemplates }) =>
    endpoints.length === 0
      ? manifests
      : manifests.map((manifest) =>
          mapPodSpecs(
            manifest,
            (spec) => ({ ...spec, initContainers: [waiting(endpoints, image), ...listOf(spec.initContainers)] }),
            podTemplates,
          ),
        )

const waiting = (endpoints: readonly Endpoint[], image: string | null): JsonObject => ({
  name: 'westage-wait',
  image: image ?? WAIT_IMAGE,
  command: ['sh', '-c', endpoints.map(lineOf).join('\n')],
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
  securityContext: {
    ...restrictedContainer,
    runAsNonRoot: true,
    runAsUser: NOBODY,
    readOnlyRootFilesystem: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
})

const lineOf = ({ host, port }: Endpoint): string =>
  `until nc -z -w 2 ${host} ${port}; do echo "waiting for ${host}:${port}"; sleep 1; done`
