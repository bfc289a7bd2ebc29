/** What a pull request is told: the one place that gathers what the words need, and hands them to GitHub. */
import { keyText, type PreviewKey } from '../domain/key.ts'
import { checkNameOf, environmentOf } from '../domain/names.ts'
import { type Preview, urlsOf } from '../domain/preview.ts'
import type { Pull } from '../domain/pull.ts'
import type { Report } from '../domain/report.ts'
import type { Status } from '../domain/status.ts'
import { reportOf } from '../domain/words.ts'
import type { RunLog } from '../ports.ts'

import type { Settings } from './settings.ts'

/** WeStage's page of a preview. */
export const pageUrlOf = (settings: Settings, key: PreviewKey): string =>
  `${settings.publicUrl}/previews/${key.app}/pr-${key.pull}`

/** A run's page; its address is the only key to the log. */
export const runUrlOf = (settings: Settings, run: RunLog): string => `${settings.publicUrl}/runs/${run.id}`

/** The report of `status` for one preview. */
export function reportFor(
  status: Status,
  key: PreviewKey,
  pull: Pull,
  preview: Preview | null,
  run: RunLog | null,
  settings: Settings,
): Report {
  return reportOf(status, {
    key: keyText(key),
    checkName: checkNameOf(key.app),
    environment: environmentOf(key.app, key.pull),
    sha: pull.head,
    run: run === null ? null : { id: run.id, url: runUrlOf(settings, run) },
    steps: run?.steps() ?? [],
    notices: run?.notices() ?? [],
    urls: preview === null ? [] : urlsOf(preview),
    namespace: preview?.namespace ?? '',
    pageUrl: pageUrlOf(settings, key),
    commitUrlOf: settings.commitUrlOf,
  })
}
