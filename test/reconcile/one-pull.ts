/** A world with one pull request, number 7, to see what becomes of its preview. */
import { type World, world } from '../fakes/world.ts'

export const A = 'a'.repeat(40)
export const B = 'b'.repeat(40)
export const folderOf = (pull: number) => `previews/shop/pr-${pull}`
export const FOLDER = folderOf(7)

/** It is open at A, and a process runs. */
export function given({ labelled = true } = {}): World {
  const here = world()
  here.github.open(7, A, 'feat/pay')
  if (labelled) here.github.label(7)
  here.start()
  return here
}

/** It is labelled, and live at A. */
export async function live(): Promise<World> {
  const here = given()
  await here.settle()
  return here
}

/** A webhook says that something happened to it, and all that comes of that is over. */
export async function heard(here: World): Promise<void> {
  here.webhook(7)
  await here.settle()
}

/** Another process goes on in the place of the one that runs. */
export function restart(here: World): void {
  here.killAfter(0)
  here.start()
}

/** What a pull request shows at a head. */
export const checkOf = (here: World, sha: string, pull = 7) =>
  here.github.shown()[`#${pull} ${sha}`] ?? { check: 'none', deployment: 'none' }

/** The revision that a folder's preview.yaml names. */
export const shaIn = (here: World, folder = FOLDER) =>
  /sha: '?"?([0-9a-f]{40})/.exec(here.gitops.tip().get(folder)?.get('preview.yaml') ?? '')?.[1] ?? 'none'
