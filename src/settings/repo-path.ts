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
