import { z } from 'zod'

/** A path inside the repo, without a slash at its end; `.` is the repo itself. */
export const repoPath = z
  .string()
  .refine((path) => path === '.' || (path !== '' && !path.startsWith('/') && !path.split('/').includes('..')), {
    error: 'is not a path inside the repo',
  })
  .transform((path) => path.replace(/\/+$/, ''))
