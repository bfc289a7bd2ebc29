/** The pod that one build runs in: BuildKit without root, for that build alone. */
import type { V1Container, V1PodSpec, V1ResourceRequirements } from '@kubernetes/client-node'
import { type Toleration, tolerationOf } from '../kubernetes-jobs/toleration.ts'
import { ARCHIVE_PLACES } from './context-archive.ts'
import { certificateFolders } from './go-certificates.ts'

export interface BuildPodSettings {
  /** BuildKit's rootless image, or one that has the same programs. */
  readonly image: string
  readonly resources: V1ResourceRequirements
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly tolerations: readonly Toleration[]
  /** Of the context, and as much again of layers. */
  readonly diskSize: string
  /** Where pods reach WeStage, without a slash at the end. */
  readonly url: string
}

/** Keys of the Job's Secret. */
export const SECRET_KEYS = {
  token: 'token',
  auth: 'config.json',
  daemon: 'buildkitd.toml',
  /** The registry's own authority; empty where it has none. */
  authority: 'ca.pem',
  /** Before the name of a build secret. */
  build: 'secret.',
} as const

/** Where WeStage hands out contexts. */
const CONTEXT_PATH = '/build-context'

/** Containers, as failures name them. */
export const CONTAINERS = { fetch: 'context', build: 'buildkit' } as const

const WORKSPACE = '/workspace'
const OWN = '/run/westage'
/** Written by the shell once buildctl has ended; no step of a Dockerfile has it mounted. */
const METADATA = '/tmp/westage-metadata.json'
/** The user of BuildKit's rootless image (its Dockerfile, stage `rootless`). */
const USER = 1000

/** Paths of folders and files as buildctl in the pod finds them. */
export const POD_PLACES = {
  context: `${WORKSPACE}/${ARCHIVE_PLACES.context}`,
  dockerfile: `${WORKSPACE}/${ARCHIVE_PLACES.dockerfile}`,
  secret: (name: string) => `${OWN}/secrets/${name}`,
  authority: `${OWN}/authority/ca.pem`,
} as const

/** busybox's ash has `pipefail`. The token is in no argument of the pod and in no line of its log. */
const FETCH = `set -euo pipefail
echo fetching the build context
wget -q -O - --header "Authorization: Bearer $(cat ${OWN}/token)" "$CONTEXT_URL" | tar -x -f - -C ${WORKSPACE}
test -e ${WORKSPACE}/${ARCHIVE_PLACES.complete} || { echo "the build context was cut off" >&2; exit 1; }`

/** What BuildKit says of the image stands in a file of the pod's own, and goes out as the termination message. */
const BUILD = `set -eu
buildctl-daemonless.sh "$@" --metadata-file ${METADATA}
cat ${METADATA} >/dev/termination-log`

/**
 * @param args of buildctl, from `build` on
 * @param secretNames of build secrets
 */
export function buildPod(
  { image, resources, nodeSelector, tolerations, diskSize, url }: BuildPodSettings,
  platform: { readonly os: string; readonly architecture: string },
  secret: string,
  args: readonly string[],
  secretNames: readonly string[],
): V1PodSpec {
  const items = (keys: readonly (readonly [string, string])[]) => ({
    secret: { secretName: secret, items: keys.map(([key, path]) => ({ key, path })) },
  })
  const fetch: V1Container = {
    name: CONTAINERS.fetch,
    image,
    command: ['/bin/sh', '-c', FETCH],
    env: [{ name: 'CONTEXT_URL', value: `${url}${CONTEXT_PATH}` }],
    resources,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: 'workspace', mountPath: WORKSPACE },
      { name: 'token', mountPath: OWN, readOnly: true },
    ],
  }
  const build: V1Container = {
    name: CONTAINERS.build,
    image,
    command: ['/bin/sh', '-c', BUILD, 'build'],
    args: [...args],
    env: [
      // Kubernetes has nothing like docker's `systempaths=unconfined` (BuildKit, docs/rootless.md).
      { name: 'BUILDKITD_FLAGS', value: `--oci-worker-no-process-sandbox --config=${OWN}/daemon/buildkitd.toml` },
      // The default is 10 tries within some seconds.
      { name: 'BUILDCTL_CONNECT_RETRIES_MAX', value: '60' },
      { name: 'DOCKER_CONFIG', value: `${OWN}/auth` },
      // For the registry's token server, which buildkitd.toml has no word for.
      { name: 'SSL_CERT_DIR', value: certificateFolders(`${OWN}/authority`) },
      // As the image has them.
      { name: 'HOME', value: '/home/user' },
      { name: 'USER', value: 'user' },
      { name: 'XDG_RUNTIME_DIR', value: '/run/user/1000' },
      { name: 'TMPDIR', value: '/home/user/.local/tmp' },
    ],
    resources,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    // BuildKit, docs/rootless.md and examples/kubernetes/job.rootless.yaml: runc and the snapshotter unshare and mount,
    // which the default profiles of seccomp and AppArmor refuse; newuidmap, which is set-uid, makes the range of users.
    securityContext: {
      allowPrivilegeEscalation: true,
      capabilities: { drop: ['ALL'], add: ['SETUID', 'SETGID'] },
      seccompProfile: { type: 'Unconfined' },
      appArmorProfile: { type: 'Unconfined' },
    },
    volumeMounts: [
      { name: 'workspace', mountPath: WORKSPACE, readOnly: true },
      { name: 'layers', mountPath: '/home/user/.local/share/buildkit' },
      { name: 'auth', mountPath: `${OWN}/auth`, readOnly: true },
      { name: 'daemon', mountPath: `${OWN}/daemon`, readOnly: true },
      { name: 'authority', mountPath: `${OWN}/authority`, readOnly: true },
      ...(secretNames.length === 0 ? [] : [{ name: 'secrets', mountPath: `${OWN}/secrets`, readOnly: true }]),
    ],
  }
  return {
    initContainers: [fetch],
    containers: [build],
    nodeSelector: {
      'kubernetes.io/os': platform.os,
      'kubernetes.io/arch': platform.architecture,
      ...nodeSelector,
    },
    tolerations: tolerations.map(tolerationOf),
    securityContext: { runAsUser: USER, runAsGroup: USER, fsGroup: USER, runAsNonRoot: true },
    volumes: [
      { name: 'workspace', emptyDir: { sizeLimit: diskSize } },
      { name: 'layers', emptyDir: { sizeLimit: diskSize } },
      { name: 'token', ...items([[SECRET_KEYS.token, 'token']]) },
      { name: 'auth', ...items([[SECRET_KEYS.auth, 'config.json']]) },
      { name: 'daemon', ...items([[SECRET_KEYS.daemon, 'buildkitd.toml']]) },
      { name: 'authority', ...items([[SECRET_KEYS.authority, 'ca.pem']]) },
      ...(secretNames.length === 0
        ? []
        : [{ name: 'secrets', ...items(secretNames.map((name) => [`${SECRET_KEYS.build}${name}`, name])) }]),
    ],
  }
}
