import { expect } from 'vitest'
import type { Given } from './given.ts'

/**
 * How the run of a pull request's next head is met at a step: where that is too quick, what it asks for is kept from it
 * until `release`. `reached` throws until the run of `head` is there.
 */
export function holdAt(
  step: 'fetch' | 'build' | 'commit' | 'sync' | 'resolve',
  here: Given,
  pull: number,
): { reached: (head: string) => void | Promise<void>; release: () => void } {
  const title = () => here.checkOf(pull)?.output.title
  const release = () => {}
  switch (step) {
    case 'fetch': {
      const asked = (head: string) => here.github.requests.some(({ path }) => path.endsWith(`/tarball/${head}`))
      const cancel = here.github.fail({ path: /^\/codeload\// }, { kind: 'delay', ms: 10_000 })
      return { reached: (head) => expect(asked(head)).toBe(true), release: cancel }
    }
    case 'build':
      return { reached: async () => expect(await here.stepsOf(pull)).toMatch(/build running/), release }
    case 'commit': {
      let [hasCome, goOn] = [false, () => {}]
      const until = new Promise<void>((resolve) => {
        goOn = resolve
      })
      here.git.inject('receive-pack', { kind: 'hold', until, reached: () => (hasCome = true) })
      return { reached: () => expect(hasCome).toBe(true), release: goOn }
    }
    case 'sync':
      return { reached: () => expect(title()).toBe('Committed; waiting for Argo CD'), release }
    case 'resolve':
      return { reached: () => expect(title()).toMatch(/^(Committed; waiting for its hosts|Live)/), release }
  }
}
