/** What people hear of what the transforms changed: lines of the run's log, and those of them that go into the Check. */
import { changeText } from './changes.ts'
import type { Told } from './transforms.ts'

/** A line for each change; for a transform that does the same to every object, one for all. */
export function logLines({ transform, objects, changes }: Told): readonly string[] {
  if (transform.told !== 'sum') return changes().map((change) => `${transform.name}: ${changeText(change)}`)
  return [`${transform.name}: ${objects} ${objects === 1 ? 'object' : 'objects'} changed`]
}

/** What of it the Check says. */
export const checkLines = (told: Told): readonly string[] => (told.transform.told === 'check' ? logLines(told) : [])
