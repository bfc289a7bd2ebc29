import { z } from 'zod'

const isControlFree = (path: string): boolean => !/\p{Cc}/u.test(path)

/** A path inside the repo, without a slash at its end; `.` is the repo itself. No file system call takes a NUL. */
export const repoPath = z
  .string()
  .refine((path) => path === '.' || (path !== '' && !path.startsWith('/') && !path.split('/').includes('..')), {
    error: 'is not a path inside the repo',
  })
  .refine(isControlFree, { error: 'is not a path: it has signs that nobody sees' })
  .transform((path) => path.replace(/\/+$/, ''))

/** Patterns for paths inside the repo, as `isWithinPattern` reads them: a few, since each is held against each file. */
export const pathPatterns = z
  .array(repoPath.refine((path) => path.length <= 200, { error: 'is longer than 200 characters' }))
  .min(1)
  .max(50)
