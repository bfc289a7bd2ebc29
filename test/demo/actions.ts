/** What a person can do to a pull request of the demo: the buttons, and what `--once` does by itself. */
import { payAt } from './pay-at.ts'
import { brokenCommit, goodCommit, SAMPLE_PULLS, SHOP } from './sample-pulls.ts'
import { livePreviewOf, type ShownPull, shownPull } from './shown-pull.ts'
import { LABEL, type World } from './start-world.ts'

export const ACTIONS = ['label', 'unlabel', 'close', 'reopen', 'push', 'break', 'pay'] as const
export type Action = (typeof ACTIONS)[number]

export const isAction = (text: unknown): text is Action => ACTIONS.some((action) => action === text)

/** Whether GitHub would offer it now; to pay, whether there is a preview to do it in. */
export function isPossible(action: Action, shown: ShownPull): boolean {
  const { pull } = shown
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
    case 'pay':
      return livePreviewOf(shown) !== null
  }
}

let pushes = 0

/** Does it, and gives what was done as a sentence. @throws where `isPossible` says no, or the preview can't be paid in */
export async function act(
  { github, argocd }: Pick<World, 'github' | 'argocd'>,
  action: Action,
  number: number,
): Promise<string> {
  const pull = github.pulls(SHOP).find((each) => each.number === number)
  const shown = pull === undefined ? null : shownPull(github, pull)
  if (pull === undefined || shown === null || !isPossible(action, shown))
    throw new Error(`#${number} can't be asked to ${action} now`)
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
    case 'pay':
      await payAt(livePreviewOf(shown)?.url ?? '', argocd.previewAddress)
      return 'somebody presses Pay in its preview'
  }
}
