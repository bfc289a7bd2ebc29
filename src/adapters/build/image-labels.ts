import type { BuildRequest } from '../../ports.ts'

/** Says that WeStage built an image, and for which app: no other may be removed. */
export const APP_LABEL = 'dev.westage.app'

/** The labels that say where an image is from. OCI image spec, "Pre-Defined Annotation Keys". */
export const labelsOf = ({ app, repository, sha }: BuildRequest, webUrl: string): readonly string[] => [
  `org.opencontainers.image.source=${webUrl}/${repository}`,
  `org.opencontainers.image.revision=${sha}`,
  `${APP_LABEL}=${app}`,
]

/** The same as flags of docker and buildah. */
export const labelFlagsOf = (request: BuildRequest, webUrl: string): string[] =>
  labelsOf(request, webUrl).flatMap((label) => ['--label', label])
