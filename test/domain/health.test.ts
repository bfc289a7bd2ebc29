import { describe, expect, it } from 'vitest'
import type { Application } from '../../src/domain/application.ts'
import { appliedSinceMs, type Expected, judge, type Verdict } from '../../src/domain/health.ts'

const COMMITTED_AT_MS = Date.parse('2026-03-01T12:00:00.600Z')
const at = (time: string): number => Date.parse(`2026-03-01T${time}Z`)

const operation = {
  phase: 'Succeeded',
  message: 'successfully synced (all tasks run)',
  revision: 'tip',
  startedAtMs: at('12:00:02'),
  finishedAtMs: at('12:00:05'),
  results: [{ object: 'Deployment/web', status: 'Synced', message: 'deployment.apps/web configured' }],
}
const live: Application = {
  name: 'westage-shop-pr-7',
  folder: 'previews/shop/pr-7',
  isDeleting: false,
  sync: { status: 'Synced', revision: 'tip' },
  health: { status: 'Healthy', message: '', sinceMs: at('12:00:05') },
  isOperating: false,
  operation,
  reconciledAtMs: at('12:00:05'),
  conditions: [],
  unhealthy: [],
}
const here: Expected = { syncedHere: true, operatedHere: true, committedAtMs: COMMITTED_AT_MS }
const failedSync = {
  ...operation,
  phase: 'Failed',
  message: 'one or more objects failed to apply',
  results: [
    { object: 'Namespace/westage-shop-x', status: 'Synced', message: 'namespace/westage-shop-x created' },
    { object: 'Service/web', status: 'SyncFailed', message: 'Service "web" is invalid: spec.ports: Required value' },
  ],
}
const comparisonError = (since: string) => ({
  type: 'ComparisonError',
  message: 'failed to unmarshal "web.yaml"',
  sinceMs: at(since),
})
const uncompared = { sync: { status: 'Unknown', revision: '' } }

const progressing = (waitingFor: RegExp, isApplied = false) => ({
  kind: 'progressing',
  waitingFor: expect.stringMatching(waitingFor),
  isApplied,
})
const failed = (object: string, reason: RegExp, isApplied = false) => ({
  kind: 'failed',
  object,
  reason: expect.stringMatching(reason),
  isApplied,
})

interface Case {
  readonly state: string
  readonly application: Partial<Application> | null
  readonly expected?: Partial<Expected>
  readonly verdict: Verdict | ReturnType<typeof progressing> | ReturnType<typeof failed>
}

const cases: readonly Case[] = [
  {
    state: 'is live: synced at the commit, healthy, compared after the sync',
    application: {},
    verdict: { kind: 'live' },
  },
  {
    state: "is live: another preview's commit moved the branch, and the tree is the same",
    application: { sync: { status: 'Synced', revision: 'another' } },
    expected: { operatedHere: false },
    verdict: { kind: 'live' },
  },
  {
    state: 'is live: a warning is not an error',
    application: { conditions: [{ type: 'OrphanedResourceWarning', message: '2 orphans', sinceMs: at('12:00:06') }] },
    verdict: { kind: 'live' },
  },
  { state: 'waits: there is no Application', application: null, verdict: progressing(/make its Application/) },
  {
    state: 'waits: the Application is being deleted',
    application: { isDeleting: true },
    verdict: progressing(/deleted/),
  },
  {
    state: 'waits: healthy and synced, but at an older commit',
    application: {},
    expected: { syncedHere: false, operatedHere: false },
    verdict: progressing(/see the commit/),
  },
  {
    state: 'waits: out of sync',
    application: { sync: { status: 'OutOfSync', revision: 'tip' } },
    verdict: progressing(/OutOfSync/),
  },
  {
    state: 'waits: a sync runs',
    application: { isOperating: true, operation: { ...operation, phase: 'Running', finishedAtMs: null } },
    verdict: progressing(/finish its sync/, true),
  },
  {
    state: 'waits: a hook runs, and it is named',
    application: {
      isOperating: true,
      operation: {
        ...operation,
        phase: 'Running',
        finishedAtMs: null,
        message: 'waiting for completion of hook batch/Job/migrate',
      },
    },
    verdict: progressing(/finish its sync: waiting for completion of hook batch\/Job\/migrate$/, true),
  },
  {
    state: 'waits: the sync of an older commit runs',
    application: { isOperating: true, operation: { ...operation, phase: 'Running', finishedAtMs: null } },
    expected: { operatedHere: false },
    verdict: progressing(/finish its sync/),
  },
  {
    state: 'waits: a sync was asked for and has not begun',
    application: { isOperating: true },
    verdict: progressing(/finish its sync$/),
  },
  { state: 'waits: never synced', application: { operation: null }, verdict: progressing(/sync that succeeds/) },
  {
    state: 'waits: what the sync did was not compared yet',
    application: { reconciledAtMs: at('12:00:04') },
    verdict: progressing(/look at what its sync did/),
  },
  {
    state: 'waits: a pod starts, and it is named',
    application: {
      health: { status: 'Progressing', message: '', sinceMs: at('12:00:05') },
      unhealthy: [
        { object: 'Deployment/web', status: 'Progressing', message: '0 of 1 updated replicas are available' },
      ],
    },
    verdict: progressing(/^Deployment\/web to be healthy, it is Progressing: 0 of 1/, true),
  },
  {
    state: 'waits: degraded, but by what ran before the sync',
    application: {
      health: { status: 'Degraded', message: '', sinceMs: at('12:00:05') },
      sync: { status: 'OutOfSync', revision: 'tip' },
    },
    verdict: progressing(/OutOfSync/),
  },
  {
    state: 'waits: degraded at an older commit',
    application: { health: { status: 'Degraded', message: '', sinceMs: at('12:00:05') } },
    expected: { syncedHere: false, operatedHere: false },
    verdict: progressing(/see the commit/),
  },
  {
    state: 'waits: the sync of an older commit failed',
    application: { operation: failedSync, sync: { status: 'OutOfSync', revision: 'old' } },
    expected: { syncedHere: false, operatedHere: false },
    verdict: progressing(/see the commit/),
  },
  {
    state: 'waits: the same content failed to sync before, and was not compared since it came back',
    application: {
      operation: { ...failedSync, finishedAtMs: at('11:50:00') },
      sync: { status: 'OutOfSync', revision: 'old' },
      reconciledAtMs: at('11:50:00'),
    },
    verdict: progressing(/OutOfSync/),
  },
  {
    state: 'waits: an error of an older commit is still shown',
    application: { ...uncompared, reconciledAtMs: at('12:00:30'), conditions: [comparisonError('11:50:00')] },
    expected: { syncedHere: false },
    verdict: progressing(/look again: ComparisonError: failed to unmarshal/),
  },
  {
    state: 'waits: the sync of an older commit left an error, later than this commit',
    application: {
      operation: failedSync,
      conditions: [{ type: 'SyncError', message: 'Failed last sync attempt', sinceMs: at('12:00:02') }],
    },
    expected: { syncedHere: false, operatedHere: false },
    verdict: progressing(/look again: SyncError/),
  },
  {
    state: 'waits: a failed sync is tried again',
    application: {
      isOperating: true,
      operation: { ...failedSync, phase: 'Running', finishedAtMs: null },
      conditions: [{ type: 'SyncError', message: 'Failed last sync attempt', sinceMs: at('12:00:02') }],
    },
    verdict: progressing(/look again|finish its sync/),
  },
  {
    state: 'failed: the sync failed, by the object that did',
    application: { operation: failedSync, sync: { status: 'OutOfSync', revision: 'tip' } },
    verdict: failed('Service/web', /spec\.ports: Required value/),
  },
  {
    state: 'failed: a hook failed',
    application: {
      operation: {
        ...failedSync,
        results: [{ object: 'Job/migrate', status: 'Failed', message: 'Job has reached the specified backoff limit' }],
      },
    },
    verdict: failed('Job/migrate', /backoff limit/, true),
  },
  {
    state: 'failed: the project forbids the kind',
    application: {
      operation: {
        ...failedSync,
        message: 'one or more synchronization tasks are not valid',
        results: [
          {
            object: 'RoleBinding/admin',
            status: 'SyncFailed',
            message: 'resource rbac.authorization.k8s.io:RoleBinding is not permitted in project westage',
          },
        ],
      },
    },
    verdict: failed('RoleBinding/admin', /is not permitted in project westage/),
  },
  {
    state: 'failed: the sync ended in an error of no single object',
    application: { operation: { ...operation, phase: 'Error', message: 'cluster is unreachable' } },
    verdict: failed('Application/westage-shop-pr-7', /cluster is unreachable/),
  },
  {
    state: 'failed: the same content failed to sync before, and Argo CD does not try it again',
    application: {
      operation: { ...failedSync, finishedAtMs: at('11:50:00') },
      sync: { status: 'OutOfSync', revision: 'tip' },
      reconciledAtMs: at('12:00:09'),
    },
    verdict: failed('Service/web', /Required value/),
  },
  {
    state: 'failed: the manifests can not be read, in the second of the commit',
    application: { ...uncompared, conditions: [comparisonError('12:00:00')] },
    expected: { syncedHere: false },
    verdict: failed('Application/westage-shop-pr-7', /^ComparisonError: failed to unmarshal "web.yaml"/),
  },
  {
    state: 'failed: the manifests can not be read in the same words as before, long after the commit',
    application: { ...uncompared, reconciledAtMs: at('12:03:01'), conditions: [comparisonError('11:50:00')] },
    expected: { syncedHere: false },
    verdict: failed('Application/westage-shop-pr-7', /ComparisonError/),
  },
  {
    state: 'failed: the project does not allow it',
    application: {
      conditions: [{ type: 'InvalidSpecError', message: 'destination is not permitted', sinceMs: at('12:00:01') }],
    },
    verdict: failed('Application/westage-shop-pr-7', /InvalidSpecError: destination is not permitted/),
  },
  {
    state: 'failed: degraded, by the object that is',
    application: {
      health: { status: 'Degraded', message: '', sinceMs: at('12:00:05') },
      unhealthy: [
        { object: 'Deployment/slow', status: 'Progressing', message: 'waiting' },
        { object: 'Deployment/web', status: 'Degraded', message: 'exceeded its progress deadline' },
      ],
    },
    verdict: failed('Deployment/web', /exceeded its progress deadline/, true),
  },
  {
    state: 'failed: degraded, where Argo CD keeps no health of single objects',
    application: { health: { status: 'Degraded', message: '', sinceMs: at('12:00:05') } },
    verdict: failed('Application/westage-shop-pr-7', /does not say why/, true),
  },
]

describe('A preview, by one reading of its Application,', () => {
  it.each(cases)('$state', ({ application, expected, verdict }) => {
    expect(judge(application && { ...live, ...application }, { ...here, ...expected })).toEqual(verdict)
  })
})

describe('What runs is of this commit', () => {
  it('where it was made since the commit, by the second', () => {
    expect(appliedSinceMs(live, here)).toBe(at('12:00:00'))
  })

  it('where it was made since the sync began that still runs', () => {
    const running = { ...operation, phase: 'Running', startedAtMs: at('12:00:07'), finishedAtMs: null }
    expect(appliedSinceMs({ ...live, isOperating: true, operation: running }, here)).toBe(at('12:00:07'))
  })

  it('whenever it was made, where nothing was synced since', () => {
    const before = { ...operation, finishedAtMs: at('11:00:00') }
    expect(appliedSinceMs({ ...live, operation: before }, here)).toBeNull()
  })
})
