/** The two sides of the comparison: both are given pull requests of their own, and timed by the same clock. */
import { startByHand } from './by-hand.ts'
import { closingOnFailure, type Doubles, REPOSITORY, startDoubles } from './doubles.ts'
import { allReported, openPulls, quiet } from './pulls.ts'
import { startBenchedService } from './service.ts'

/** One preview's way. */
export interface Timed {
  /** From the moment that its round was labelled until its commit was pushed. */
  readonly committedMs: number
  /** From then until its Check run was completed. */
  readonly reportedMs: number
  /** How long each step took, and `told`: what was before the first. */
  readonly steps: Readonly<Record<string, number>>
}

export interface Round extends Counts {
  readonly previews: readonly Timed[]
}

interface Counts {
  readonly requests: number
  /** Requests that GitHub answered with 304: they cost nothing of the rate limit. */
  readonly free: number
  readonly pushes: number
}

export interface Side {
  /** Previews so many new pull requests that are labelled at once. */
  round(count: number): Promise<Round>
  close(): Promise<void>
}

const contentOf = (branch: string) => ({ 'site/index.html': branch })

/** WeStage, beginning with a webhook for each label. */
export async function startOurs(): Promise<Side> {
  const doubles = await startDoubles()
  const service = await closingOnFailure(doubles, startBenchedService(doubles))
  const { github } = doubles
  return {
    async round(count) {
      const pulls = openPulls(github, count, contentOf)
      await quiet(github)
      const before = countsOf(doubles)
      const startedAtMs = Date.now()
      for (const pull of pulls) github.label(REPOSITORY, pull, 'westage')
      const reportedAtMs = await allReported(github, pulls, service.tail)
      await quiet(github)
      const runs = await service.runs()
      const previews = pulls.map((pull): Timed => {
        const steps = runs.get(github.headOf(REPOSITORY, pull)) ?? []
        const committedAtMs = steps.find(({ step }) => step === 'commit')?.endedAtMs
        const began = steps.find(({ step }) => step === 'build')?.startedAtMs
        const reportedAt = reportedAtMs.get(pull)
        if (committedAtMs == null || began === undefined || reportedAt === undefined) {
          throw new Error(`the run of #${pull} has no commit:\n${service.tail()}`)
        }
        const resolvedAtMs = steps.find(({ step }) => step === 'resolve')?.endedAtMs ?? reportedAt
        return {
          committedMs: committedAtMs - startedAtMs,
          reportedMs: reportedAt - committedAtMs,
          steps: {
            told: began - startedAtMs,
            ...Object.fromEntries(steps.map((each) => [each.step, (each.endedAtMs ?? 0) - each.startedAtMs])),
            reported: reportedAt - resolvedAtMs,
          },
        }
      })
      return { previews, ...countsOf(doubles, before) }
    },
    async close() {
      await service.close()
      await doubles.close()
    },
  }
}

/** The shell script, beginning when it is told the numbers. */
export async function startTheirs(): Promise<Side> {
  const doubles = await startDoubles()
  const script = await closingOnFailure(doubles, startByHand(doubles))
  const { github } = doubles
  return {
    async round(count) {
      const pulls = openPulls(github, count, contentOf)
      await quiet(github)
      const before = countsOf(doubles)
      const startedAtMs = Date.now()
      const previewed = await script.preview(pulls)
      const reportedAtMs = await allReported(github, pulls, () => 'the script did not complete the Check run')
      const previews = previewed.map(({ pull, committedAtMs, steps }) => ({
        committedMs: committedAtMs - startedAtMs,
        reportedMs: (reportedAtMs.get(pull) ?? 0) - committedAtMs,
        steps,
      }))
      return { previews, ...countsOf(doubles, before) }
    },
    async close() {
      await script.close()
      await doubles.close()
    },
  }
}

function countsOf({ github, git }: Doubles, before: Counts = { requests: 0, free: 0, pushes: 0 }): Counts {
  return {
    requests: github.requests.length - before.requests,
    free: github.requests.filter(({ status }) => status === 304).length - before.free,
    pushes: git.pushes() - before.pushes,
  }
}
