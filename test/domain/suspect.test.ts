import { describe, expect, it } from 'vitest'
import { containerOf, faultOf, hasRun } from '../../src/domain/fault.ts'
import { nameOfNode, type ResourceEvent, type ResourceNode } from '../../src/domain/resource-tree.ts'
import { restartedIn, type Sight, suspectOf } from '../../src/domain/suspect.ts'
import { at, deployment, node, pod, replicaSet } from './trees.ts'

const sight: Sight = { below: null, sinceMs: at('12:00:00'), nowMs: at('12:02:00'), crashRestarts: 3 }
const backOff = {
  status: 'Degraded',
  message: 'back-off 40s restarting failed container=web pod=web-new-1_westage-shop-feat(2f)',
}

interface Case {
  readonly state: string
  readonly tree: readonly ResourceNode[]
  readonly sight?: Partial<Sight>
  /** `Kind/name`, with ! where it is certain; null for none. */
  readonly blamed: string | null
}

const web = [deployment, replicaSet('web-new', 2)]
const cases: readonly Case[] = [
  {
    state: 'nothing where all is well',
    tree: [{ ...deployment, health: { status: 'Healthy', message: '' } }],
    blamed: null,
  },
  { state: 'the workload where it has no pod yet', tree: web, blamed: 'Deployment/web' },
  {
    state: 'a pod that crashed as often as it may',
    tree: [...web, pod('web-new-1', 'CrashLoopBackOff', 3, { health: backOff })],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'a pod that crashed less often, and not for certain',
    tree: [...web, pod('web-new-1', 'CrashLoopBackOff', 2, { health: backOff })],
    blamed: 'Pod/web-new-1',
  },
  {
    state: 'the same as a newer kubelet shows it between two runs',
    tree: [...web, pod('web-new-1', 'OOMKilled', 3)],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'a pod that runs again, and not for certain',
    tree: [...web, pod('web-new-1', 'Running', 9)],
    blamed: 'Pod/web-new-1',
  },
  {
    state: 'the pod of a Job that gives up by itself, and not for certain',
    tree: [node('Job', 'migrate'), pod('migrate-1', 'CrashLoopBackOff', 9, { owners: ['uid of Job/migrate'] })],
    blamed: 'Pod/migrate-1',
  },
  {
    state: 'an init container that crashes',
    tree: [...web, pod('web-new-1', 'Init:CrashLoopBackOff', 4, { health: { status: 'Progressing', message: '' } })],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'an image that can not be pulled',
    tree: [...web, pod('web-new-1', 'ImagePullBackOff', 0)],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'a name that no image can have, although Argo CD calls it progressing',
    tree: [...web, pod('web-new-1', 'InvalidImageName', 0, { health: { status: 'Progressing', message: '' } })],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'the first refusal of a registry, and not for certain',
    tree: [...web, pod('web-new-1', 'ErrImagePull', 0)],
    blamed: 'Pod/web-new-1',
  },
  {
    state: 'a Secret that is not there, for certain after a minute',
    tree: [...web, pod('web-new-1', 'CreateContainerConfigError', 0)],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'a Secret that a controller may still bring',
    tree: [...web, pod('web-new-1', 'CreateContainerConfigError', 0)],
    sight: { nowMs: at('12:00:30') },
    blamed: 'Pod/web-new-1',
  },
  {
    state: 'the new pod, not one of the last good revision that crashes too',
    tree: [
      ...web,
      replicaSet('web-old', 1),
      pod('web-old-1', 'CrashLoopBackOff', 9, { owners: ['uid of ReplicaSet/web-old'] }),
      pod('web-new-1', 'Running', 0, { health: { status: 'Progressing', message: '' } }),
    ],
    blamed: 'Pod/web-new-1',
  },
  {
    state: 'the ReplicaSet that is used again by a later revision, although it is older',
    tree: [
      deployment,
      replicaSet('web-new', 3, { createdAtMs: at('10:00:00') }),
      replicaSet('web-old', 2),
      pod('web-old-1', 'ImagePullBackOff', 0, { owners: ['uid of ReplicaSet/web-old'] }),
      pod('web-new-1', 'CrashLoopBackOff', 5),
    ],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'a pod from before the commit, and not for certain: the new ReplicaSet may not be there yet',
    tree: [...web, pod('web-new-1', 'CrashLoopBackOff', 9, { createdAtMs: at('11:59:59') })],
    blamed: 'Pod/web-new-1',
  },
  {
    state: 'a pod from before the commit for certain, where nothing was synced since',
    tree: [...web, pod('web-new-1', 'CrashLoopBackOff', 9, { createdAtMs: at('11:00:00') })],
    sight: { sinceMs: null },
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'the one that is certain before the one that is only broken',
    tree: [
      ...web,
      pod('web-new-1', 'ImagePullBackOff', 0),
      pod('web-new-2', 'Error', 1, { createdAtMs: at('12:01:00') }),
    ],
    blamed: 'Pod/web-new-1!',
  },
  {
    state: 'the newest pod of a Job that tried several times',
    tree: [
      node('Job', 'migrate', {
        health: { status: 'Degraded', message: 'Job has reached the specified backoff limit' },
      }),
      ...['12:00:40', '12:00:50', '12:00:45'].map((time) =>
        pod(`migrate-${time}`, 'Error', 0, { owners: ['uid of Job/migrate'], createdAtMs: at(time) }),
      ),
    ],
    sight: { below: 'Job/migrate' },
    blamed: 'Pod/migrate-12:00:50',
  },
  {
    state: 'what belongs to the object that Argo CD names, and nothing else',
    tree: [...web, pod('web-new-1', 'ImagePullBackOff', 0), node('Job', 'migrate')],
    sight: { below: 'Job/migrate' },
    blamed: 'Job/migrate',
  },
  {
    state: 'no pod of a kind that nothing waits for',
    tree: [
      node('CronJob', 'nightly', { health: { status: '', message: '' } }),
      node('Job', 'nightly-1', { owners: ['uid of CronJob/nightly'] }),
      pod('nightly-1-a', 'ImagePullBackOff', 0, { owners: ['uid of Job/nightly-1'] }),
    ],
    blamed: null,
  },
  {
    state: 'a ReplicaSet that a quota keeps from its pods, for certain once nothing makes room',
    tree: [deployment, replicaSet('web-new', 2, { health: { status: 'Degraded', message: 'exceeded quota' } })],
    blamed: 'ReplicaSet/web-new!',
  },
  {
    state: 'the same while an old pod is still there to go',
    tree: [
      deployment,
      replicaSet('web-new', 2, { health: { status: 'Degraded', message: 'exceeded quota' } }),
      replicaSet('web-old', 1),
      pod('web-old-1', 'Running', 0, {
        owners: ['uid of ReplicaSet/web-old'],
        health: { status: 'Healthy', message: '' },
      }),
    ],
    blamed: 'ReplicaSet/web-new',
  },
  { state: 'no pod that goes', tree: [...web, pod('web-new-1', 'Terminating', 5)], blamed: 'Deployment/web' },
  {
    state: 'objects that own each other',
    tree: [node('Thing', 'a', { owners: ['uid of Thing/b'] }), node('Thing', 'b', { owners: ['uid of Thing/a'] })],
    blamed: null,
  },
]

describe('To blame is', () => {
  it.each(cases)('$state', ({ tree, sight: change, blamed }) => {
    for (const order of [tree, tree.toReversed()]) {
      const suspect = suspectOf(order, { ...sight, ...change })
      expect(suspect && `${nameOfNode(suspect.node)}${suspect.isCertain ? '!' : ''}`).toBe(blamed)
    }
  })
})

const event = (message: string, change: Partial<ResourceEvent> = {}): ResourceEvent => ({
  isWarning: true,
  reason: 'Failed',
  message,
  count: 1,
  container: '',
  ...change,
})
const suspectIn = (root: ResourceNode, blamed: ResourceNode) => ({ node: blamed, root, isCertain: true })

describe('A pod that was restarted', () => {
  const restarted = (tree: readonly ResourceNode[]) => restartedIn(tree)?.name ?? null

  it('is found where it counts', () => {
    expect(restarted([...web, pod('web-new-1', 'Running', 1)])).toBe('web-new-1')
    expect(restarted([...web, pod('web-new-1', 'Running', 0)])).toBeNull()
    const old = pod('web-old-1', 'Running', 9, { owners: ['uid of ReplicaSet/web-old'] })
    expect(restarted([...web, replicaSet('web-old', 1), old])).toBeNull()
  })

  it('is none that ran to its end, that goes, or that nothing waits for', () => {
    const job = node('Job', 'migrate', { health: { status: 'Healthy', message: '' } })
    expect(restarted([job, pod('migrate-1', 'Completed', 2, { owners: [job.uid] })])).toBeNull()
    expect(restarted([...web, pod('web-new-1', 'Terminating', 2)])).toBeNull()
    const nightly = node('CronJob', 'nightly', { health: { status: '', message: '' } })
    expect(restarted([nightly, pod('nightly-1', 'Running', 2, { owners: [nightly.uid] })])).toBeNull()
  })
})

describe('Its fault is told', () => {
  it('as Kubernetes says it, with the restarts', () => {
    const crashing = pod('web-new-1', 'CrashLoopBackOff', 4, { health: backOff })
    expect(faultOf(suspectIn(deployment, crashing), [])).toBe(
      `Pod/web-new-1: CrashLoopBackOff: ${backOff.message} (4 restarts)`,
    )
  })

  it('with what the registry said, where the pod does not have it', () => {
    const events = [
      event('Failed to pull image "r/shop:1": not found'),
      event('Error: ErrImagePull'),
      event('Error: ImagePullBackOff'),
    ]
    const old = pod('web-new-1', 'ImagePullBackOff', 0, {
      health: { status: 'Degraded', message: 'Back-off pulling image "r/shop:1"' },
    })
    expect(faultOf(suspectIn(deployment, old), events)).toBe(
      'Pod/web-new-1: ImagePullBackOff: Failed to pull image "r/shop:1": not found',
    )
    const message = 'Back-off pulling image "r/shop:1": ErrImagePull: not found'
    const young = { ...old, health: { status: 'Degraded', message } }
    expect(faultOf(suspectIn(deployment, young), events)).toBe(`Pod/web-new-1: ImagePullBackOff: ${message}`)
  })

  it('by the last warning of a pod that only does not get ready', () => {
    const slow = pod('web-new-1', 'Running', 0, { health: { status: 'Progressing', message: '' } })
    const events = [event('Readiness probe failed: 503'), event('Started container web', { isWarning: false })]
    expect(faultOf(suspectIn(deployment, slow), events)).toBe('Pod/web-new-1: not ready: Readiness probe failed: 503')
    expect(faultOf(suspectIn(deployment, slow), [])).toBe('Pod/web-new-1: not ready')
  })

  it('by the last attempt of a workload that gets no pod', () => {
    const set = node('StatefulSet', 'db', { health: { status: 'Progressing', message: 'Waiting for 1 pods' } })
    const refused = 'create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: exceeded quota: small'
    expect(faultOf(suspectIn(set, set), [event(refused)])).toBe(`StatefulSet/db: ${refused}`)
    expect(faultOf(suspectIn(set, set), [])).toBe('StatefulSet/db: Waiting for 1 pods')
    expect(faultOf(suspectIn(set, node('StatefulSet', 'db')), [])).toBe('StatefulSet/db: Progressing')
  })
})

describe('The log to show', () => {
  it('is that of the container that Kubernetes speaks of', () => {
    expect(containerOf(pod('p', 'CrashLoopBackOff', 3, { health: backOff }), [])).toBe('web')
    const events = [event('Back-off', { container: 'migrate' }), event('Pulled', { isWarning: false, container: 'x' })]
    expect(containerOf(pod('p', 'Init:CrashLoopBackOff', 3), events)).toBe('migrate')
    expect(containerOf(pod('p', 'Error', 0), [])).toBe('')
  })

  it('is there only where a container ran', () => {
    const states = ['ImagePullBackOff', 'Pending', 'ContainerCreating', 'Init:0/1', 'CreateContainerConfigError']
    for (const state of states) expect(hasRun(pod('p', state, 0))).toBe(false)
    for (const state of ['Running', 'Error', 'Init:Error', 'OOMKilled', 'ExitCode:3', 'Completed']) {
      expect(hasRun(pod('p', state, 0))).toBe(true)
    }
    expect(hasRun(pod('p', 'CrashLoopBackOff', 1))).toBe(true)
    expect(hasRun(deployment)).toBe(false)
  })
})
