/** Tells in the terminal what happens, as it happens: what pull requests are shown, and commits of the GitOps repo. */
import { historyOf } from './history.ts'
import { SHOP } from './sample-pulls.ts'
import { shownPull } from './shown-pull.ts'
import type { World } from './start-world.ts'

const LOOK_MS = 50

export interface Narrator {
  /** Says what has changed up to now. */
  look(): Promise<void>
  /** @throws what could not be read */
  stop(): Promise<void>
}

/** Looks often, and says each change once. */
export async function narrate({ github, gitopsDir }: World, say: (line: string) => void): Promise<Narrator> {
  const told = new Map<string, string>()
  const history = historyOf(gitopsDir, 20)
  for (const { sha, subject } of await history()) told.set(`commit ${sha}`, commitText(sha, subject))
  const heads = new Map<number, Set<string>>()
  let isEnding = false
  const tell = (what: string, text: string) => {
    if (told.get(what) === text) return
    told.set(what, text)
    say(text)
  }
  const look = async () => {
    for (const pull of github.pulls(SHOP)) {
      const { deployments } = shownPull(github, pull)
      for (const { deployment, status } of deployments.toReversed()) {
        const about = status.description === '' ? '' : `: ${status.description}`
        tell(
          `deployment ${deployment.id}`,
          `#${pull.number}  Deployment of ${deployment.sha.slice(0, 7)} ${status.state.replace('_', ' ')}${about}`,
        )
      }
      const known = heads.get(pull.number) ?? new Set()
      heads.set(pull.number, known.add(pull.headSha))
      for (const check of [...known].flatMap((sha) => github.checkRuns(SHOP, sha))) {
        const state = (check.conclusion ?? check.status).replace('_', ' ')
        const text = `#${pull.number}  Check of ${check.headSha.slice(0, 7)} ${state}: ${check.output.title ?? ''}`
        tell(`check ${check.id}`, text)
      }
    }
    for (const { sha, subject } of (await history()).toReversed()) {
      tell(`commit ${sha}`, commitText(sha, subject))
    }
  }
  const looking = (async () => {
    while (!isEnding) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    await look()
  })()
  looking.catch(() => {}) // who stops it hears of it
  return {
    look,
    async stop() {
      isEnding = true
      await looking
    },
  }
}

const commitText = (sha: string, subject: string): string => `    GitOps commit ${sha.slice(0, 7)}: ${subject}`
