import { z } from 'zod'

/** An image with its registry, and a tag or a digest: `registry.example.com/mysql@sha256:…`. */
export const imageReference = z
  .string()
  .max(500, 'is longer than 500 characters')
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:/-]*(?:@sha256:[0-9a-f]{64})?$/,
    'is not an image such as registry.example.com/mysql@sha256:…',
  )
