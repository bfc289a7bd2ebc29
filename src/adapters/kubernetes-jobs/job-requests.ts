/** What the API server is asked about Jobs: again and again while it is away or does not answer. */
import type { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Log } from '../../ports.ts'
import { jsonOf, kubernetesGet } from '../kubernetes/kubernetes-get.ts'
import { type KubernetesRequest, kubernetesSend } from '../kubernetes/kubernetes-send.ts'
import {
  INSTANCE_LABEL,
  type JobOrder,
  type JobOwner,
  jobObject,
  PROCESS_LABEL,
  secretObject,
  WORK_LABEL,
} from './job-objects.ts'
import { isRefusal, untilAnswered } from './until-answered.ts'

export interface JobsOptions {
  readonly config: KubeConfig
  /** Where Jobs are made: one that holds no Secrets but theirs, since whoever makes pods can have them read those. */
  readonly namespace: string
  readonly owner: JobOwner
  /** For operators: what is the cluster's trouble. */
  readonly log: Log
}

export interface JobRequests {
  /** Makes the Job, then its Secret by this name, then lets it start. */
  start(name: string, secret: string, order: JobOrder, signal: AbortSignal): Promise<void>
  /** In the foreground: it is there until its pods, which have ended then, and its Secret are gone. @returns false where it is not there */
  remove(name: string, signal: AbortSignal): Promise<boolean>
  /** What other processes of the instance made, with the label of its work. */
  former(signal: AbortSignal): Promise<readonly { readonly name: string; readonly work: string }[]>
}

const TIMEOUT_MS = 10_000

const MadeSchema = z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) })
const FormerSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }) })),
})

/**
 * Each of these throws {KubernetesError} what the cluster refuses, and the reason of its signal.
 * @param closing ends what is under way
 */
export function jobRequests({ config, namespace, owner, log }: JobsOptions, closing: AbortSignal): JobRequests {
  const inNamespace = `namespaces/${encodeURIComponent(namespace)}`
  const jobsPath = `/apis/batch/v1/${inNamespace}/jobs`
  const jobPath = (name: string) => `${jobsPath}/${encodeURIComponent(name)}`

  const away = (what: string) => {
    let isTold = false
    return (error: unknown) => {
      if (!isTold)
        log(`the Kubernetes API is asked again to ${what}: ${error instanceof Error ? error.message : error}`)
      isTold = true
    }
  }
  const send = (what: string, request: KubernetesRequest, signal: AbortSignal) =>
    // An abort waits for the answer to what was sent: what is made meanwhile would be there after its removal.
    untilAnswered(() => kubernetesSend(config, request, TIMEOUT_MS, closing), signal, away(what))
  const get = async (what: string, path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => {
    const read = async () => {
      // Of an API server that hangs nothing is heard for ever.
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      return await jsonOf(await kubernetesGet(config, path, query, limited))
    }
    return await untilAnswered(read, signal, away(what))
  }
  /** Names are unguessable: what is there already by that name was made by a request whose answer was lost. */
  const madeBefore = (error: unknown) => {
    if (!isRefusal(error) || error.code !== 409) throw error
  }

  return {
    async start(name, secret, order, signal) {
      const job = { method: 'POST', path: jobsPath, body: jobObject(name, order, owner) } as const
      const made = await send('make a Job', job, signal).catch(async (error: unknown) => {
        madeBefore(error)
        return await get('make a Job', jobPath(name), {}, signal)
      })
      const { uid } = MadeSchema.parse(made).metadata
      if (order.secret !== null) {
        const body = secretObject(secret, order.secret, { name, uid }, owner)
        const own = { method: 'POST', path: `/api/v1/${inNamespace}/secrets`, body } as const
        await send('make a Secret', own, signal).catch(madeBefore)
      }
      await send('start a Job', { method: 'PATCH', path: jobPath(name), body: { spec: { suspend: false } } }, signal)
    },
    async remove(name, signal) {
      const query = { propagationPolicy: 'Foreground' }
      return await send('remove a Job', { method: 'DELETE', path: jobPath(name), query }, signal).then(
        () => true,
        falseWhereMissing,
      )
    },
    async former(signal) {
      const labelSelector = `${INSTANCE_LABEL}=${owner.instance},${PROCESS_LABEL}!=${owner.process}`
      const { items } = FormerSchema.parse(await get('list Jobs', jobsPath, { labelSelector }, signal))
      return items.map(({ metadata: { name, labels } }) => ({ name, work: labels[WORK_LABEL] ?? name }))
    },
  }
}

function falseWhereMissing(error: unknown): boolean {
  if (isRefusal(error) && error.code === 404) return false
  throw error
}
