import type { BuildRequest } from '../../ports.ts'

/** Says that WeStage built an image, and for which app: no other may be removed. */
export const APP_LABEL = 'dev.westage.app'

/** The flags that label an image with where it is from. OCI image spec, "Pre-Defined Annotation Keys". */
export const labelFlagsOf = ({ app, repository, sha }: BuildRequest, webUrl: string): string[] => [
  '--label',
  `org.opencontainers.image.source=${webUrl}/${repository}`,
  '--label',
  `org.opencontainers.image.revision=${sha}`,
  '--label',
  `${APP_LABEL}=${app}`,
]
