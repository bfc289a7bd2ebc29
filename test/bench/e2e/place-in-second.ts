import { setTimeout as delay } from 'node:timers/promises'

/** Its multiples, modulo 1, lie evenly however many of them there are (the golden ratio's). */
const STEP = 0.618_034

/**
 * Rounds begin at places of the clock's second that lie evenly, and those of a pair at the same place: buildah's vfs
 * storage waits for the next whole second before it compares a layer with the one below (containers/storage,
 * NaiveDiffDriver.Diff), so that the place alone decides about up to a second.
 * @returns how to wait for the next place
 */
export function placesInSecond(): () => Promise<void> {
  let place = 0
  return async () => {
    place = (place + STEP) % 1
    await delay((1000 + place * 1000 - (Date.now() % 1000)) % 1000)
  }
}
