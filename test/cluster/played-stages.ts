/** What kwok does with the node and its pods, and when (kwok: "Stages Configuration"). */

const FATES = ['crash', 'missing', 'unready'] as const
type Fate = (typeof FATES)[number]

/** Every stage, for a node of this name. */
export const stagesOf = (node: string): readonly object[] => [
  nodeStage(node),
  readyStage,
  ...FATES.map(fateStage),
  crashAgainStage,
  completeStage,
  deleteStage,
]

interface Requirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values?: readonly string[]
}

/** kwok: "Stages Configuration". The templates are Go's, with sprig's functions and kwok's own. */
const stage = (kind: 'Node' | 'Pod', name: string, when: readonly Requirement[], next: object, delayMs = 0) => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: {
    resourceRef: { apiGroup: 'v1', kind },
    selector: { matchExpressions: when },
    ...(delayMs > 0 && { delay: { durationMilliseconds: delayMs } }),
    next,
  },
})

const room = `{cpu: 1k, memory: 1Ti, pods: 1M}`
const nodeStage = (node: string) =>
  stage(
    'Node',
    'node',
    [{ key: '.status.conditions.[] | select(.type == "Ready") | .status', operator: 'NotIn', values: ['True'] }],
    {
      statusTemplate: `
{{ $now := Now | Quote }}
conditions:
- {type: Ready, status: "True", reason: Played, message: kwok plays it, lastHeartbeatTime: {{ $now }}, lastTransitionTime: {{ $now }}}
addresses:
- {type: Hostname, address: ${node}}
allocatable: ${room}
capacity: ${room}
`,
    },
  )

const isLive: Requirement = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' }
const isNew: Requirement = { key: '.status.containerStatuses', operator: 'DoesNotExist' }
const hasImage = (word: string): string => `.spec.containers.[] | select(.image | contains("${word}")) | .name`
const isFated = (fate: Fate): Requirement => ({ key: hasImage(fate), operator: 'Exists' })
const isNotFated = (fate: Fate): Requirement => ({ key: hasImage(fate), operator: 'DoesNotExist' })

/** Once: a pod keeps its address, and asking again gives another. */
const ADDRESSES = `
{{ if not .status.podIP }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ end }}
`
const INIT_CONTAINERS = `
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  restartCount: 0
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now }}, finishedAt: {{ $now }}}}
{{ end }}
`
const RUNNING = 'ready: true\n  started: true\n  restartCount: 0\n  state: {running: {startedAt: {{ $now }}}}'

/** A pod's status: containers whose image holds `word` are as `fated` says, the others run. */
const podStatus = (phase: 'Pending' | 'Running', word: string | null, fated: string) => `
{{ $now := Now | Quote }}
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now }}}
- {type: PodScheduled, status: "True", lastTransitionTime: {{ $now }}}
${['Ready', 'ContainersReady']
  .map((type) =>
    word === null
      ? `- {type: ${type}, status: "True", lastTransitionTime: {{ $now }}}`
      : `- type: ${type}
  status: "False"
  reason: ContainersNotReady
  message: 'containers with unready status: [{{ range .spec.containers }}{{ if contains "${word}" .image }}{{ .name }}{{ end }}{{ end }}]'
  lastTransitionTime: {{ $now }}`,
  )
  .join('\n')}
containerStatuses:
{{ $pod := . }}
{{ range $index, $container := .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ${word === null ? RUNNING : `{{ if contains "${word}" .image }}\n  ${fated}\n  {{ else }}\n  ${RUNNING}\n  {{ end }}`}
{{ end }}
${INIT_CONTAINERS}
${ADDRESSES}
phase: ${phase}
startTime: {{ or .status.startTime Now | Quote }}
`

const readyStage = stage('Pod', 'ready', [isLive, isNew, ...FATES.map(isNotFated)], {
  statusTemplate: podStatus('Running', null, ''),
})

const crashed = (restarts: string) => `ready: false
  started: false
  restartCount: ${restarts}
  lastState: {terminated: {exitCode: 1, reason: Error, startedAt: {{ $now }}, finishedAt: {{ $now }}}}
  state:
    waiting:
      reason: CrashLoopBackOff
      message: 'back-off 10s restarting failed container={{ .name }} pod={{ $pod.metadata.name }}_{{ $pod.metadata.namespace }}({{ $pod.metadata.uid }})'`

const FATE_STATUS: Readonly<Record<Fate, string>> = {
  crash: podStatus('Running', 'crash', crashed('1')),
  missing: podStatus(
    'Pending',
    'missing',
    `ready: false
  started: false
  restartCount: 0
  state:
    waiting:
      reason: ImagePullBackOff
      message: 'Back-off pulling image "{{ .image }}": ErrImagePull: failed to resolve reference "{{ .image }}": not found'`,
  ),
  unready: podStatus(
    'Running',
    'unready',
    'ready: false\n  started: true\n  restartCount: 0\n  state: {running: {startedAt: {{ $now }}}}',
  ),
}

const FATE_EVENT: Readonly<Record<Fate, object>> = {
  crash: { type: 'Warning', reason: 'BackOff', message: 'Back-off restarting failed container' },
  missing: { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' },
  unready: {
    type: 'Warning',
    reason: 'Unhealthy',
    message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
  },
}

function fateStage(fate: Fate) {
  // The first word wins where an image holds two.
  const others = FATES.slice(0, FATES.indexOf(fate)).map(isNotFated)
  return stage('Pod', fate, [isLive, isNew, isFated(fate), ...others], {
    event: FATE_EVENT[fate],
    statusTemplate: FATE_STATUS[fate],
  })
}

/** Restarts five times, two seconds apart: kubelet's own back-off would take minutes. */
const crashAgainStage = stage(
  'Pod',
  'crash-again',
  [
    isLive,
    isFated('crash'),
    { key: '.status.containerStatuses', operator: 'Exists' },
    { key: '[.status.containerStatuses[]?.restartCount] | max | tostring', operator: 'NotIn', values: ['5'] },
  ],
  {
    event: FATE_EVENT.crash,
    statusTemplate: podStatus(
      'Running',
      'crash',
      crashed('{{ add1 (index $pod.status.containerStatuses $index).restartCount }}'),
    ),
  },
  2_000,
)

const completeStage = stage(
  'Pod',
  'complete',
  [
    isLive,
    { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] },
    { key: '.status.phase', operator: 'In', values: ['Running'] },
    ...FATES.map(isNotFated),
  ],
  {
    statusTemplate: `
{{ $now := Now | Quote }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: false
  started: false
  restartCount: 0
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now }}, finishedAt: {{ $now }}}}
{{ end }}
phase: Succeeded
`,
  },
)

const deleteStage = stage('Pod', 'delete', [{ ...isLive, operator: 'Exists' }], { delete: true })
