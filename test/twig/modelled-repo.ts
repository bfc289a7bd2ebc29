/** A repo on a real git server, changed by twig and by a person with git, and a model of it that goes along. */
import { expect } from 'vitest'
import { fsck } from '../servers/git-cli.ts'
import { cloneAsPerson } from '../servers/git-person.ts'
import { startGitServer } from '../servers/git-server.ts'
import { askTwig } from './ask-twig.ts'
import { open } from './branches.ts'
import { afterPerson, type Deed, type TwigDeed } from './deeds.ts'
import { commitWithGit, headOf, touchedByEach, treesAt } from './model-by-git.ts'
import {
  changed,
  differingPaths,
  foldersOf,
  inFolder,
  isBlocked,
  isTouched,
  type Model,
  without,
} from './repo-model.ts'

export interface ModelledRepo {
  /** Does it, and throws where it does not come to what the model says. */
  play(deed: Deed): Promise<void>
  /** Throws where the repo is not sound, or a clone of it, file by file and commit by commit, not what the model says. */
  check(): Promise<void>
  close(): Promise<void>
}

/** A commit of twig's. */
interface Made {
  readonly commit: string
  readonly folder: string
  /** The folder's tree in it, as twig said. */
  readonly tree: string | null
  /** What was in the folder before. */
  readonly before: Model
  /** Paths that later commits touched. */
  readonly touchedLater: string[]
}

/** @param start what is there before anything is done */
export async function modelledRepo(start: Model): Promise<ModelledRepo> {
  const server = await startGitServer({ repositories: { folders: { files: {} } } })
  const [url, dir] = [server.url('folders'), server.dir('folders')]
  const person = await cloneAsPerson(dir)
  const writers = [open(url), open(url, { depth: 1 })] as const
  const made: Made[] = []
  let model: Model = new Map()
  let commits = 1

  const goOn = (after: Model, by: readonly Made[] | 'a person') => {
    const paths = differingPaths(model, after)
    for (const { touchedLater } of made) touchedLater.push(...paths)
    if (by !== 'a person') made.push(...by)
    commits += by === 'a person' ? 1 : by.length
    model = after
  }

  const commitAsPerson = async (after: Model) => {
    await commitWithGit(person, model, after)
    goOn(after, 'a person')
  }

  /** All at the same moment: in which order does not matter, since none of the folders is in another. */
  const commitByTwig = async (deed: TwigDeed) => {
    const pushesBefore = server.pushes()
    let after = model
    const fresh: Made[] = []
    for (const { change, tree, answer } of await askTwig(writers, dir, deed, model)) {
      const [outcome, next] = changed(after, change)
      expect({ ...change, ...answer }).toMatchObject({ ...change, outcome })
      if (outcome === 'unchanged') expect(answer.tree).toBe(tree)
      const { folder } = change
      if (outcome === 'committed') fresh.push({ ...answer, folder, before: inFolder(model, folder), touchedLater: [] })
      after = next
    }
    goOn(after, fresh)
    const isByOne = new Set(deed.folders.map(({ writer }) => writer)).size === 1
    if (isByOne) expect(server.pushes() - pushesBefore).toBeLessThanOrEqual(deed.isLookedAtFirst ? 1 : 2)
  }

  const revert = async (nth: number) => {
    const untouched = made.filter(
      ({ folder, touchedLater }) => !isTouched(folder, touchedLater) && !isBlocked(model, folder),
    )
    const one = untouched[nth % untouched.length]
    if (one === undefined) return
    await person.pull()
    await person.git('revert', '--no-edit', one.commit)
    await person.push()
    goOn(new Map([...without(model, one.folder), ...one.before]), 'a person')
  }

  await commitAsPerson(start)
  return {
    async play(deed) {
      if (deed.kind === 'twig') await commitByTwig(deed)
      else if (deed.kind === 'revert') await revert(deed.nth)
      else await commitAsPerson(deed.deeds.reduce(afterPerson, model))
    },
    async check() {
      await fsck(dir)
      const clone = await cloneAsPerson(url)
      await fsck(clone.dir)
      expect(await clone.git('status', '--porcelain')).toBe('')
      const { files, folders } = await headOf(clone.dir)
      expect(inOrder(files)).toEqual(inOrder(model))
      expect(folders.toSorted()).toEqual(foldersOf(model).toSorted())
      const history = await touchedByEach(clone.dir)
      expect(history.size).toBe(commits)
      for (const { commit, folder } of made) {
        const paths = history.get(commit) ?? []
        expect(paths, `${commit} of ${folder}`).not.toEqual([])
        expect(paths.filter((path) => !isTouched(folder, [path]))).toEqual([])
      }
      const places = made.map(({ commit, folder }) => `${commit}:${folder}`)
      expect(await treesAt(clone.dir, places)).toEqual(made.map(({ tree }) => tree))
      await clone.close()
    },
    async close() {
      for (const writer of writers) writer.close()
      await Promise.all([person.close(), server.close()])
    },
  }
}

const inOrder = (model: Model) => [...model].sort(([one], [other]) => (one < other ? -1 : 1))
