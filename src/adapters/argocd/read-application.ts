import { z } from 'zod'
import type { Application } from '../../domain/application.ts'
import { listOf, text } from './go-json.ts'

/** Kubernetes: metav1.Time, RFC 3339. */
const time = z
  .string()
  .transform((text, { addIssue }) => {
    const ms = Date.parse(text)
    if (Number.isNaN(ms)) addIssue(`${text} is not a time`)
    return ms
  })
  .nullish()
  .transform((ms) => ms ?? null)

const OperationStateSchema = z.object({
  phase: z.string(),
  message: text,
  startedAt: time,
  finishedAt: time,
  operation: z.object({ sync: z.object({ revision: text }).nullish() }).nullish(),
  syncResult: z
    .object({
      revision: text,
      resources: listOf(z.object({ kind: text, name: text, status: text, hookPhase: text, message: text })),
    })
    .nullish(),
})

const StatusSchema = z.object({
  sync: z.object({ status: text, revision: text }).nullish(),
  health: z.object({ status: text, message: text, lastTransitionTime: time }).nullish(),
  operationState: OperationStateSchema.nullish(),
  reconciledAt: time,
  conditions: listOf(z.object({ type: z.string(), message: text, lastTransitionTime: time })),
  resources: listOf(z.object({ kind: text, name: text, health: z.object({ status: text, message: text }).nullish() })),
})

const ApplicationSchema = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: text }),
  spec: z.object({ source: z.object({ path: z.string() }) }),
  operation: z.looseObject({}).nullish(),
  status: StatusSchema.nullish(),
})

/**
 * An Argo CD Application as WeStage reads it, from the JSON of the Kubernetes API (Argo CD: the Application CRD,
 * argoproj.io/v1alpha1). Fields that are not used are not looked at.
 * @throws {z.ZodError} naming the fields that are not what the CRD says
 */
export function readApplication(json: unknown): Application {
  const { metadata, spec, operation, status } = ApplicationSchema.parse(json)
  const state = status?.operationState ?? null
  return {
    name: metadata.name,
    folder: folderOfPath(spec.source.path),
    isDeleting: metadata.deletionTimestamp !== '',
    sync: { status: status?.sync?.status ?? '', revision: status?.sync?.revision ?? '' },
    health: {
      status: status?.health?.status ?? '',
      message: status?.health?.message ?? '',
      sinceMs: status?.health?.lastTransitionTime ?? null,
    },
    isOperating: (operation ?? null) !== null || state?.phase === 'Running' || state?.phase === 'Terminating',
    operation: state && operationOf(state),
    reconciledAtMs: status?.reconciledAt ?? null,
    conditions: (status?.conditions ?? []).map(({ type, message, lastTransitionTime }) => ({
      type,
      message,
      sinceMs: lastTransitionTime,
    })),
    unhealthy: (status?.resources ?? []).flatMap(({ kind, name, health }) =>
      health && health.status !== '' && health.status !== 'Healthy'
        ? [{ object: `${kind}/${name}`, status: health.status, message: health.message }]
        : [],
    ),
  }
}

/** The preview's folder, of an Application's source path. */
export const folderOfPath = (sourcePath: string): string => sourcePath.replace(/\/manifests\/?$/, '')

/** The revision of a sync that never got to its objects stands in what was asked for only. */
function operationOf(state: z.output<typeof OperationStateSchema>): Application['operation'] {
  const { phase, message, startedAt, finishedAt, syncResult, operation } = state
  return {
    phase,
    message,
    revision: syncResult?.revision || operation?.sync?.revision || '',
    startedAtMs: startedAt,
    finishedAtMs: finishedAt,
    results: (syncResult?.resources ?? []).map(({ kind, name, status, hookPhase, message: said }) => ({
      object: `${kind}/${name}`,
      // Argo CD: a hook that was applied and then failed is Synced, and says so in its hookPhase alone.
      status: status !== 'SyncFailed' && (hookPhase === 'Failed' || hookPhase === 'Error') ? hookPhase : status,
      message: said,
    })),
  }
}
