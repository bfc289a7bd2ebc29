import { isObject } from '../../manifests/json.ts'
import { below } from '../locate.ts'
import { inSpec } from '../pods.ts'
import { BASELINE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/**
 * Those of the Restricted level (Kubernetes: Pod Security Standards, Volume Types) but csi, whose drivers mount what
 * others own by attributes that the pod chooses; and image, which is as good as one more container's files.
 */
const TYPES = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]
/** The rule host-path has its own words for it. */
const ELSEWHERE = ['name', 'hostPath']

export const volumeTypes: Rule = {
  name: 'volume-types',
  why: 'A volume that names its storage itself reaches the data of others.',
  verdicts: BASELINE,
  exemption: 'possible',
  breachesOf: ({ pods }) =>
    pods
      .flatMap((pod) => inSpec(pod, ['volumes', '*']))
      .flatMap(({ field, value }) =>
        Object.entries(isObject(value) ? value : {})
          .filter(([type, source]) => source !== null && !TYPES.includes(type) && !ELSEWHERE.includes(type))
          .map(([type]) => ({
            field: below(field, type),
            words: `is a volume of type ${type}: use a PersistentVolumeClaim, which gets storage of its own`,
          })),
      ),
}
