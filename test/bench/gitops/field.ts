/** Where the sides compete: a git server, and for each size a copy of the same repo for each side. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiled } from '../../compiled.ts'
import { git } from '../../servers/git-cli.ts'
import { makeRepository } from '../../servers/git-repository.ts'
import { type GitServer, startGitServer } from '../../servers/git-server.ts'
import { importOf } from './import-stream.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { lengthen, type Population, populate, revisionsOf } from './populate.ts'
import type { Revision } from './preview-texts.ts'
import { type StartedSide, startSide } from './start-side.ts'

const KINDS = ['our', 'git', 'clone', 'isomorphic', 'partial-clone'] as const
export type Kind = (typeof KINDS)[number]

/** As GitHub, GitLab and Gitea let a client ask. */
const HOSTED = [
  ['http.receivepack', 'true'],
  ['uploadpack.allowFilter', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
  ['gc.auto', '0'],
] as const

/** One side with a repo of its own. */
export interface Competitor extends StartedSide {
  /** Of its repo. */
  readonly ledger: Ledger
  /** Somebody else's push to its repo, which it does not hear of. */
  overtake(change: Revision): Promise<void>
}

/** Copies of one repo. */
export interface Ground {
  /** Starts a process for it, on the copy of that name, made where there is none yet. */
  start(kind: Kind, copy: string): Promise<Competitor>
  /** @throws where one of the copies is not what its ledger says */
  check(): Promise<void>
}

export interface Field {
  readonly server: GitServer
  /** Populates a repo. */
  ground(population: Population): Promise<Ground>
  close(): Promise<void>
}

export async function openField(): Promise<Field> {
  const dir = await mkdtemp(join(tmpdir(), 'westage-bench-'))
  const server = await startGitServer({ repositories: {} })
  const programOf = (kind: Kind) => join(import.meta.dirname, `${kind}-side.ts`)
  const built = await compiled(join(dir, 'compiled'), KINDS.map(programOf))
  const bases = new Map<string, { readonly population: Population; readonly base: string }>()

  const baseOf = async (population: Population): Promise<string> => {
    const name = `${population.previews}-${population.commits}`
    const base = join(dir, `${name}.git`)
    const shorter = [...bases.values()].find(({ population: { previews } }) => previews === population.previews)
    if (shorter === undefined) {
      await makeRepository(base, { files: 'empty' })
      await populate(base, population)
    } else {
      await git(['clone', '--quiet', '--bare', shorter.base, base], { cwd: dir })
      await lengthen(base, population, shorter.population.commits)
    }
    bases.set(name, { population, base })
    return base
  }

  return {
    server,
    async ground(population) {
      const base = await baseOf(population)
      const nameOf = (copy: string) => `${population.previews}-${population.commits}-${copy}`
      const ledgers = new Map<string, Ledger>()
      const copied = async (copy: string): Promise<Ledger> => {
        const known = ledgers.get(copy)
        if (known !== undefined) return known
        const repo = server.dir(nameOf(copy))
        await git(['clone', '--quiet', '--bare', base, repo], { cwd: dir })
        for (const [name, value] of HOSTED) await git(['config', name, value], { cwd: repo })
        const ledger = openLedger(revisionsOf(population))
        ledgers.set(copy, ledger)
        return ledger
      }
      return {
        async start(kind, copy) {
          const ledger = await copied(copy)
          const work = await mkdtemp(join(dir, `${nameOf(copy)}-`))
          const side = await startSide(built(programOf(kind)), [server.url(nameOf(copy)), work])
          return {
            ...side,
            ledger,
            commit: async (changes) => {
              const took = await side.commit(changes)
              await server.idle() // what a side does not wait for must not weigh on whoever is next
              return took
            },
            overtake: async (change) => {
              const input = importOf([change])
              await git(['fast-import', '--quiet', '--done'], { cwd: server.dir(nameOf(copy)), input })
            },
            close: async () => {
              await side.close()
              await rm(work, { recursive: true })
            },
          }
        },
        async check() {
          for (const [copy, ledger] of ledgers) {
            await ledger.check(server.dir(nameOf(copy)), base, join(dir, `${nameOf(copy)}-model`))
          }
        },
      }
    },
    async close() {
      await server.close()
      await rm(dir, { recursive: true })
    },
  }
}
