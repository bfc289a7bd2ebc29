import { changeText } from '../manifests/changes.ts'
import type { Told } from '../manifests/transforms.ts'

/** What each transform changed and why, as lines: the transform with its reason, and below it every change. */
export const explained = (told: readonly Told[]): readonly string[] =>
  told.flatMap(({ transform, changes }) => [
    `${transform.name}: ${transform.why}`,
    ...changes.map((change) => `  ${changeText(change)}`),
  ])
