import { changeText } from '../manifests/changes.ts'
import type { Told } from '../manifests/transforms.ts'

/** What each transform changed and why, as lines: the transform with its reason, and below it every change. */
export const explained = (told: readonly Told[]): readonly string[] =>
  told.flatMap(({ transform, changes }) => {
    const lines = changes().map((change) => `  ${changeText(change)}`)
    return lines.length === 0 ? [] : [`${transform.name}: ${transform.why}`, ...lines]
  })
