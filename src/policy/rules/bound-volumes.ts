import { textOf } from '../../manifests/json.ts'
import { groupKindOf } from '../../manifests/manifest.ts'
import { type Located, locate } from '../locate.ts'
import { annotationField, metadataOf } from '../metadata.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule, Subject } from '../rule.ts'

/** Kubernetes: Persistent Volumes, Reserving a PersistentVolume; a released volume still has its former owner's data. */
const BINDING = ['volumeName', 'selector']
/** Where a provisioner makes, or takes, the volume: NFS Subdir External Provisioner, Containerized Data Importer. */
const PLACING = /^(nfs\.io\/|k8s\.io\/CloneRequest$|cdi\.kubevirt\.io\/storage\.)/

export const boundVolumes: Rule = {
  name: 'bound-volumes',
  why: 'A volume that is chosen by name or label has, or had, another owner.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) => [
    ...metadataOf(subject).flatMap(({ field, annotations }) =>
      Object.keys(annotations)
        .filter((key) => PLACING.test(key))
        .map((key) => ({
          field: annotationField(field, key),
          words: 'says where the volume is, which may be where others have theirs: leave it out',
        })),
    ),
    ...BINDING.flatMap((name) => claimsOf(subject).flatMap(({ field, value }) => locate(value, [name], field)))
      .filter(({ value }) => value !== '' && !isOwnVolume(textOf(value), subject))
      .map(({ field, value }) => ({
        field,
        words: `chooses a volume that is there already, ${shown(value)}: leave it out`,
      })),
  ],
}

/** There only where the instance lets previews have volumes of their own. */
const isOwnVolume = (name: string, { bundle }: Subject): boolean =>
  bundle.some((one) => one.metadata.name === name && groupKindOf(one) === 'PersistentVolume')

/** The specs of all claims that an object is or makes. */
function claimsOf({ kind, manifest, pods }: Subject): readonly Located[] {
  return [
    ...(kind === 'PersistentVolumeClaim' ? locate(manifest, ['spec']) : []),
    ...locate(manifest, ['spec', 'volumeClaimTemplates', '*', 'spec']),
    ...pods.flatMap(({ field, spec }) =>
      locate(
        spec,
        ['volumes', '*', 'ephemeral', 'volumeClaimTemplate', 'spec'],
        field === '' ? 'spec' : `${field}.spec`,
      ),
    ),
  ]
}
