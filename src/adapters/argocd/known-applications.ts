import { z } from 'zod'
import type { Application } from '../../domain/application.ts'
import { folderOfPath, readApplication } from './read-application.ts'

/** One Application as last seen. `folder` is null where not even that could be read. */
type Known =
  | { readonly name: string; readonly folder: string; readonly application: Application }
  | { readonly name: string; readonly folder: string | null; readonly fault: string }

/** As much of an object as is needed to know which one it is. */
const IdentitySchema = z.object({ metadata: z.object({ name: z.string() }) })
const FolderSchema = z.object({ spec: z.object({ source: z.object({ path: z.string() }) }) })

/** The Applications as last seen, by folder, those that can't be read among them. */
export class KnownApplications {
  readonly #onChange: (folder: string) => void
  readonly #onUnreadable: (name: string, fault: string) => void
  readonly #byName = new Map<string, Known>()
  readonly #namesByFolder = new Map<string | null, Set<string>>()

  /** @param onChange the folder of an Application that came, went, or changed in what it is judged by */
  constructor(onChange: (folder: string) => void, onUnreadable: (name: string, fault: string) => void) {
    this.#onChange = onChange
    this.#onUnreadable = onUnreadable
  }

  /** @throws where the folder's Application, or one that may be it, can't be read */
  of(folder: string): Application | null {
    const ofFolder = this.#in(folder)
    const unknown = ofFolder.length > 0 ? ofFolder : this.#in(null)
    const applications = ofFolder.flatMap((known) => ('application' in known ? known.application : []))
    for (const known of unknown) {
      if ('fault' in known) throw new Error(`the Application ${known.name} can't be read: ${known.fault}`)
    }
    return applications.find(({ isDeleting }) => !isDeleting) ?? applications[0] ?? null
  }

  readable(): readonly Application[] {
    return [...this.#byName.values()].flatMap((known) => ('application' in known ? known.application : []))
  }

  /** An object that came or changed. @throws {z.ZodError} it has no name */
  put(json: unknown): void {
    this.#tell(this.#set(knownOf(json)))
  }

  /** An object that went. @throws {z.ZodError} it has no name */
  remove(json: unknown): void {
    this.#tell(this.#drop(IdentitySchema.parse(json).metadata.name))
  }

  /** All that there is: what is not among it has gone. @throws {z.ZodError} one has no name, and nothing was changed */
  replace(all: readonly unknown[]): void {
    const now = all.map(knownOf)
    const names = new Set(now.map(({ name }) => name))
    const gone = [...this.#byName.keys()].filter((name) => !names.has(name))
    // Told only when all of it stands, so that whoever looks sees one list and not a mixture.
    this.#tell([...gone.flatMap((name) => this.#drop(name)), ...now.flatMap((known) => this.#set(known))])
  }

  #in(folder: string | null): readonly Known[] {
    return [...(this.#namesByFolder.get(folder) ?? [])].flatMap((name) => this.#byName.get(name) ?? [])
  }

  /** @returns the folders of which something changed */
  #set(known: Known): readonly (string | null)[] {
    const before = this.#byName.get(known.name)
    if (before !== undefined) this.#forget(before)
    this.#byName.set(known.name, known)
    this.#namesByFolder.set(known.folder, (this.#namesByFolder.get(known.folder) ?? new Set()).add(known.name))
    if (before !== undefined && significanceOf(before) === significanceOf(known)) return []
    if ('fault' in known) this.#onUnreadable(known.name, known.fault)
    return [before?.folder ?? null, known.folder]
  }

  /** @returns the folders of which something changed */
  #drop(name: string): readonly (string | null)[] {
    const known = this.#byName.get(name)
    if (known === undefined) return []
    this.#forget(known)
    return [known.folder]
  }

  #tell(folders: readonly (string | null)[]): void {
    for (const folder of new Set(folders)) if (folder !== null) this.#onChange(folder)
  }

  #forget({ name, folder }: Known): void {
    this.#byName.delete(name)
    const names = this.#namesByFolder.get(folder)
    names?.delete(name)
    if (names?.size === 0) this.#namesByFolder.delete(folder)
  }
}

function knownOf(json: unknown): Known {
  const { name } = IdentitySchema.parse(json).metadata
  try {
    const application = readApplication(json)
    return { name, folder: application.folder, application }
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const fault = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    const placed = FolderSchema.safeParse(json)
    return { name, folder: placed.success ? folderOfPath(placed.data.spec.source.path) : null, fault }
  }
}

/**
 * What an Application is judged by, as text. Argo CD writes `reconciledAt` every few minutes: it matters where it
 * passes the end of the sync, and where something is wrong and a newer look may say otherwise.
 */
function significanceOf(known: Known): string {
  if ('fault' in known) return known.fault
  const { reconciledAtMs, operation, conditions } = known.application
  const isWell = conditions.length === 0 && operation?.phase === 'Succeeded'
  const compared = isWell ? (operation.finishedAtMs ?? Infinity) <= (reconciledAtMs ?? 0) : reconciledAtMs
  return JSON.stringify({ ...known.application, reconciledAtMs: compared })
}
