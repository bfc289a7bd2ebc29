import type { Application } from '../../domain/application.ts'
import type { Nudge } from '../../ports.ts'
import { lane } from './nudge-lane.ts'

/** One way to have Argo CD look. Both reject where that could not be asked for, in words for operators. */
export interface NudgeWay {
  /** The ApplicationSet is to look for folders that came and went, these among them. */
  applicationSet(folders: readonly string[], signal: AbortSignal): Promise<void>
  /** These Applications are to compare with the branch. */
  applications(applications: readonly NudgedApplication[], signal: AbortSignal): Promise<void>
}

type NudgedApplication = Pick<Application, 'name' | 'folder'>

export interface NudgeOptions {
  readonly way: NudgeWay
  readonly log: (level: 'info' | 'warn', line: string) => void
  /** Nothing more is sent once it is aborted. */
  readonly signal: AbortSignal
  /** See `lane`. */
  readonly spacingMs?: number
}

/** Nudges Argo CD one way. New and removed folders are the ApplicationSet's to see, changed ones their Application's. */
export function nudgeArgoCd({ way, log, signal, spacingMs }: NudgeOptions): Nudge {
  const common = { log, signal, ...(spacingMs !== undefined && { spacingMs }) }
  const toApplicationSet = lane<string>({
    ...common,
    what: 'the ApplicationSet',
    textOf: (folder) => folder,
    send: way.applicationSet,
  })
  const toApplications = lane<NudgedApplication>({
    ...common,
    what: 'Applications',
    textOf: ({ name }) => name,
    send: way.applications,
  })
  return { applicationSet: toApplicationSet, application: toApplications }
}
