import { unlessAborted } from '../../twig/abort-signals.ts'

/** Jobs that are on their way out, by what they were for. */
export interface GoingJobs {
  /** @param gone settles, either way, when it is not waited for any more */
  add(work: string, job: string, gone: Promise<unknown>): void
  /** One that was for this, null where there is none. */
  oneOf(work: string): string | null
  /** Settles once there is none for this. @throws the signal's reason */
  noneOf(work: string, signal: AbortSignal): Promise<void>
}

export function goingJobs(): GoingJobs {
  const going = new Map<string, { readonly work: string; readonly gone: Promise<void> }>()
  const allOf = (work: string) => [...going].filter(([, job]) => job.work === work)
  return {
    add(work, job, gone) {
      const over = () => void going.delete(job)
      going.set(job, { work, gone: gone.then(over, over) })
    },
    oneOf: (work) => allOf(work)[0]?.[0] ?? null,
    async noneOf(work, signal) {
      await unlessAborted(Promise.all(allOf(work).map(([, { gone }]) => gone)), signal)
    },
  }
}
