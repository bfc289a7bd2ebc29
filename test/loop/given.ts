import { expect, vi } from 'vitest'
import { branchOnDisk } from '../servers/branch-on-disk.ts'
import { type Instance, type InstanceOptions, startInstance } from '../servers/instance.ts'
import { SAMPLE } from './sample.ts'

export const REPO = 'acme/shop'
const UNTIL = { timeout: 25_000, interval: 20 }

/** The same, with pull requests prepared in processes of their own, as an instance has it that is told nothing. */
export const givenInstanceWithWorkers = (options: InstanceOptions = {}) =>
  givenInstance({ ...options, settings: { worker: { run: 'local' }, ...options.settings } })

/**
 * An instance with one repo, and how its pull requests and the GitOps repo are looked at. It prepares inside: a worker
 * that starts from TypeScript takes seconds of a busy machine.
 */
export async function givenInstance(options: InstanceOptions = {}, files: Readonly<Record<string, string>> = SAMPLE) {
  const awaited = new Set<(line: string) => void>()
  const here: Instance = await startInstance({
    ...options,
    log(level, message, fields) {
      for (const hear of awaited) hear(message)
      options.log?.(level, message, fields)
    },
    settings: { worker: { run: 'inside' }, ...options.settings },
  })
  here.github.addRepository(REPO, files)
  const headOf = (pull: number) => here.github.headOf(REPO, pull)
  const checkOf = (pull: number, sha = headOf(pull)) => here.github.checkRuns(REPO, sha).at(-1)
  const gitops = branchOnDisk(here.gitDir)
  return {
    ...here,
    headOf,
    checkOf,
    openPull: (branch: string, files: Record<string, string> = { 'site/index.html': branch }) =>
      here.github.openPull(REPO, { branch, title: branch, files, labels: ['westage'] }),
    /** The states that a commit's Deployment went through. */
    statesOf: (sha: string) =>
      here.github
        .deployments(REPO)
        .filter((deployment) => deployment.sha === sha)
        .flatMap(({ statuses }) => statuses.map(({ state }) => state)),
    lastStatusOf: (sha: string) =>
      here.github
        .deployments(REPO)
        .find((deployment) => deployment.sha === sha)
        ?.statuses.at(-1),
    /**
     * Starts the service anew once every webhook so far is with it, and waits for the pass of that start: installations
     * that were announced before cause no pass of their own any more, so nothing is asked of GitHub by itself now.
     */
    async settled() {
      await here.github.delivered()
      await here.stop()
      const passes = () => here.logged.filter((line) => line.startsWith('info resync ')).length
      const before = passes()
      await here.start()
      await vi.waitFor(() => expect(passes()).toBeGreaterThan(before), UNTIL)
    },
    /** Settles once the service's log has a line more with `text` in it. */
    nextLine: (text: string) =>
      new Promise<void>((resolve) => {
        const hear = (line: string) => {
          if (!line.includes(text)) return
          awaited.delete(hear)
          resolve()
        }
        awaited.add(hear)
      }),
    until: (check: () => void | Promise<void>) => vi.waitFor(check, UNTIL),
    live: (pull: number) =>
      vi.waitFor(() => expect(checkOf(pull)).toMatchObject({ status: 'completed', conclusion: 'success' }), UNTIL),
    concluded: (pull: number, conclusion: string) =>
      vi.waitFor(() => expect(checkOf(pull)).toMatchObject({ status: 'completed', conclusion }), UNTIL),
    /** A file of the GitOps branch, null where it has none. */
    file: gitops.file,
    commits: gitops.commits,
    git: here.git,
  }
}

export type Given = Awaited<ReturnType<typeof givenInstance>>
