import { z } from 'zod'
import { fieldPath, groupKind, quantity } from '../settings/kubernetes-values.ts'

const PodTemplateSchema = z.strictObject({
  kind: groupKind.describe('A custom kind with its group, such as `Worker.example.com`.'),
  path: fieldPath.describe('Where its pod template stands, such as `spec.template`.'),
})

const LimitsSchema = z.strictObject({
  replicas: z.int().positive().nullable().default(2).describe('So many pods of one workload at most. `null`: no cap.'),
  cpu: quantity
    .nullable()
    .prefault('500m')
    .describe('So much CPU is requested for one container at most. `null`: no cap.'),
  memory: quantity
    .nullable()
    .prefault('1Gi')
    .describe('So much memory is requested for one container at most. `null`: no cap.'),
})

/** How an app's manifests are made a preview's. */
export const ManifestsSchema = z.strictObject({
  clusterScoped: z
    .enum(['refuse', 'rename'])
    .default('refuse')
    .describe(
      "What becomes of objects outside of namespaces. `rename`: each gets a name of the preview's own, and so does every reference to it.",
    ),
  podTemplates: z
    .array(PodTemplateSchema)
    .default([])
    .describe('Custom kinds that run pods, beside those that WeStage knows.'),
  cronJobs: z
    .enum(['suspend', 'run'])
    .default('suspend')
    .describe('Whether CronJobs run in previews, unless the app says so itself.'),
  limits: LimitsSchema.prefault({}),
})
