/**
 * What lets a pod into a namespace at the level `restricted` (Kubernetes: Pod Security Standards): no root, no
 * capabilities, no gaining of either, and the runtime's own filter of system calls.
 */

export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
} as const

/** @param uid the user that the image is made for; the files of its volumes are of group `gid` */
export const restrictedPod = (uid: number, gid: number) => ({
  runAsNonRoot: true,
  runAsUser: uid,
  runAsGroup: gid,
  fsGroup: gid,
  seccompProfile: { type: 'RuntimeDefault' },
})
