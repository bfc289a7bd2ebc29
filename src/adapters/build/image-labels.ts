import type { BuildRequest } from '../../ports.ts'

/** The flags that label an image with where it is from. OCI image spec, "Pre-Defined Annotation Keys". */
export const labelFlagsOf = ({ repository, sha }: BuildRequest, webUrl: string): string[] => [
  '--label',
  `org.opencontainers.image.source=${webUrl}/${repository}`,
  '--label',
  `org.opencontainers.image.revision=${sha}`,
]
