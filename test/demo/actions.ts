/** What a person can do to a pull request of the demo: the buttons, and what `--once` does by itself. */
import type { PullRequest } from '../servers/github/repository.ts'
import { brokenCommit, goodCommit, SAMPLE_PULLS, SHOP } from './sample-pulls.ts'
import { LABEL, type World } from './start-world.ts'

export const ACTIONS = ['label', 'unlabel', 'close', 'reopen', 'push', 'break'] as const
export type Action = (typeof ACTIONS)[number]

export const isAction = (text: unknown): text is Action => ACTIONS.some((action) => action === text)

/** Whether GitHub would offer it now. */
export function isPossible(action: Action, pull: PullRequest): boolean {
  const isOpen = pull.state === 'open'
  const isLabelled = pull.labels.some(({ name }) => name === LABEL)
  switch (action) {
    case 'label':
      return isOpen && !isLabelled
    case 'unlabel':
      return isOpen && isLabelled
    case 'push':
    case 'break':
    case 'close':
      return isOpen
    case 'reopen':
      return !isOpen && pull.mergedAtMs === null
  }
}

let pushes = 0

/** Does it, and gives what was done as a sentence. @throws where `isPossible` says no */
export function act({ github }: Pick<World, 'github'>, action: Action, number: number): string {
  const pull = github.pulls(SHOP).find((each) => each.number === number)
  if (pull === undefined || !isPossible(action, pull)) throw new Error(`#${number} can't be asked to ${action} now`)
  const by = pull.author.login
  switch (action) {
    case 'label':
      github.label(SHOP, number, LABEL)
      return `${by} puts the label ${LABEL} on “${pull.title}”`
    case 'unlabel':
      github.unlabel(SHOP, number, LABEL)
      return `${by} takes the label ${LABEL} off`
    case 'push': {
      pushes += 1
      const headline = SAMPLE_PULLS[number - 1]?.headline ?? pull.title
      const sha = github.push(SHOP, number, goodCommit(`${headline}, take ${pushes + 1}`))
      return `${by} pushes a good commit, ${sha.slice(0, 7)}`
    }
    case 'break': {
      pushes += 1
      const sha = github.push(SHOP, number, brokenCommit(pushes))
      return `${by} pushes broken manifests, ${sha.slice(0, 7)}`
    }
    case 'close':
      github.closePull(SHOP, number)
      return `${by} closes the pull request`
    case 'reopen':
      github.reopenPull(SHOP, number)
      return `${by} reopens the pull request`
  }
}
