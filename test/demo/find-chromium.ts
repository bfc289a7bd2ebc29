import { commandPathOf } from '../../src/adapters/child-process.ts'

/** A Chromium of this machine, null where there is none on the PATH. */
export async function findChromium(): Promise<string | null> {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const path = await commandPathOf(name, process.env.PATH ?? '')
    if (path !== null) return path
  }
  return null
}
