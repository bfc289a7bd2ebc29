/** WeStage with a real Argo CD, beginning with a webhook for each label. */
import { setTimeout as delay } from 'node:timers/promises'
import type { StepRecord } from '../../../src/domain/step.ts'
import type { Cluster } from '../../cluster/start-cluster.ts'
import { startClusterSide } from '../../e2e/cluster-side.ts'
import { contentOf, sampleFiles } from '../../e2e/sample.ts'
import { closingOnFailure, REPOSITORY, startDoublesOn } from '../doubles.ts'
import { allReported, openPulls, quiet } from '../pulls.ts'
import { startBenchedService } from '../service.ts'
import { watchLiveApplications } from './live-applications.ts'
import { type Interval, ownMsOf, type Way } from './own-share.ts'
import { placesInSecond } from './place-in-second.ts'
import { registryOfImages, type Side } from './side.ts'

const GONE_MAX_MS = 120_000

/** @returns the side, and where the hosts of all previews of the cluster answer */
export async function startOurs(
  cluster: Cluster,
  nudge: 'annotations' | 'webhook',
): Promise<{ side: Side; previewAddress: string }> {
  const { argocd: there } = cluster
  if (there === null) throw new Error(`the cluster ${cluster.name} has no Argo CD`)
  const registry = await registryOfImages()
  const doubles = await closingOnFailure(
    registry,
    startDoublesOn(await sampleFiles(true), (gitops) => startClusterSide(cluster, gitops, { nudge })),
  )
  const closeServers = async () => {
    await doubles.close()
    await registry.close()
  }
  const images = { builder: 'buildah', registry: { repository: `${registry.host}/{app}`, plainHttp: true } }
  const service = await closingOnFailure({ close: closeServers }, startBenchedService(doubles, images))
  const live = watchLiveApplications(cluster.kubeconfigPath, there.namespace)
  const { github, argocd } = doubles
  const nextPlace = placesInSecond()

  const side: Side = {
    async round(count) {
      const pulls = openPulls(github, count, contentOf)
      await quiet(github)
      await nextPlace()
      const fromMs = Date.now()
      for (const pull of pulls) github.label(REPOSITORY, pull, 'westage')
      const reportedAtMs = await allReported(github, pulls, service.tail)
      await quiet(github)
      const runs = await service.runs()
      const ways = pulls.map((pull) => {
        const whole = { fromMs, toMs: reportedAtMs.get(pull) ?? Number.NaN }
        const steps = runs.get(github.headOf(REPOSITORY, pull)) ?? []
        return { ...wayOf(whole, steps, live.sinceMs(`previews/shop/pr-${pull}`)), steps }
      })
      for (const pull of pulls) github.closePull(REPOSITORY, pull)
      await untilNone(argocd.applications)
      await untilNone(argocd.namespaces)
      await quiet(github)
      const ownMs = ownMsOf(ways)
      return ways.map((way, at) => ({
        liveMs: lengthOf(way.whole),
        ownMs: ownMs[at] ?? Number.NaN,
        steps: stepsOf(way, way.steps),
      }))
    },
    async close() {
      await live.close()
      await service.close()
      await closeServers()
    },
  }
  return { side, previewAddress: argocd.previewAddress }
}

const OTHERS_STEPS = ['fetch', 'build', 'render']

function wayOf(whole: Interval, steps: readonly StepRecord[], liveAtMs: number): Way {
  const prepared = steps.flatMap(({ step, startedAtMs: fromMs, endedAtMs }) =>
    OTHERS_STEPS.includes(step) ? [{ fromMs, toMs: endedAtMs ?? fromMs }] : [],
  )
  const pushedAtMs = steps.find(({ step }) => step === 'commit')?.endedAtMs
  if (prepared.length === 0 || pushedAtMs == null) throw new Error('a run has no commit')
  return { whole, prepared, synced: { fromMs: pushedAtMs, toMs: liveAtMs } }
}

/** What people read: the run's steps, and what lies between them. */
function stepsOf({ whole, prepared, synced }: Way, steps: readonly StepRecord[]): Record<string, number> {
  const endOf = (wanted: string) => steps.find(({ step }) => step === wanted)?.endedAtMs ?? whole.toMs
  return {
    told: Math.min(...prepared.map(({ fromMs }) => fromMs)) - whole.fromMs,
    ...Object.fromEntries(steps.map((each) => [each.step, (each.endedAtMs ?? 0) - each.startedAtMs])),
    argocd: lengthOf(synced),
    noticed: endOf('sync') - synced.toMs,
    reported: whole.toMs - endOf('resolve'),
  }
}

const lengthOf = ({ fromMs, toMs }: Interval): number => toMs - fromMs

async function untilNone(list: () => Promise<readonly string[]>): Promise<void> {
  const deadlineMs = Date.now() + GONE_MAX_MS
  for (let left = await list(); left.length > 0; left = await list()) {
    if (Date.now() > deadlineMs) throw new Error(`still there: ${left.join(', ')}`)
    await delay(200)
  }
}
