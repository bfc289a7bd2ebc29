import { z } from 'zod'
import { timer } from '../settings/durations.ts'
import { count } from './count.ts'
import { KubernetesWorkerSchema } from './kubernetes-worker.ts'

/** Where what comes from a pull request is taken apart, and how much of this machine that may take. */
export const WorkerSchema = z.strictObject({
  run: z
    .enum(['local', 'inside', 'kubernetes'])
    .default('local')
    .describe(
      'Where pull requests are unpacked, rendered and transformed: `local` in processes of their own that hold no secret, at most `concurrency.prepares` of them; `kubernetes` in Jobs of a cluster, as many; `inside` in the service itself, without the limits below.',
    ),
  maxMemoryMb: count(1024).describe('With `local`: cap on the memory of one such process, MB. kustomize has its own.'),
  maxCpu: timer('2m').describe(
    "With `local`: cap on the processor time of one pull request there, kustomize's included.",
  ),
  timeout: timer('10m').describe(
    'Cap on the time that one takes there, without its images: those have `buildTimeout`.',
  ),
  kubernetes: KubernetesWorkerSchema.nullable().default(null).describe('For `kubernetes`, which needs it: the Jobs.'),
})
