/** An Application as the Kubernetes API holds it; `status` is Argo CD's, `spec` the ApplicationSet's. */
export interface ApplicationObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly finalizers: readonly string[]
    readonly uid: string
    readonly creationTimestamp: string
    readonly deletionTimestamp?: string
    readonly resourceVersion?: string
  }
  readonly spec: Readonly<Record<string, unknown>>
  readonly operation?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

export interface StoreEvent {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: ApplicationObject
}

/** Objects with resourceVersions and the history of their changes, as etcd and the API server's watch cache keep them. */
export class ApplicationStore {
  readonly #objects = new Map<string, ApplicationObject>()
  readonly #listeners = new Set<() => void>()
  #history: StoreEvent[] = []
  #version = 1
  /** A watch from before this version is too old. */
  #oldest = 1

  get version(): number {
    return this.#version
  }

  list(): readonly ApplicationObject[] {
    return [...this.#objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  }

  get(name: string): ApplicationObject | null {
    return this.#objects.get(name) ?? null
  }

  /** Writes an object unless nothing of it changed. */
  put(object: ApplicationObject): void {
    const { name } = object.metadata
    const before = this.#objects.get(name)
    if (before !== undefined && isSame(before, object)) return
    this.#record(before === undefined ? 'ADDED' : 'MODIFIED', object)
  }

  remove(name: string): void {
    const object = this.#objects.get(name)
    if (object !== undefined) this.#record('DELETED', object)
  }

  /** What happened after `version`; null where that is too far back to say. */
  since(version: number): readonly StoreEvent[] | null {
    return version < this.#oldest ? null : this.#history.filter((event) => event.version > version)
  }

  /** Forgets the history, as etcd's compaction does: every earlier version is too old now. */
  compact(): void {
    this.#version++
    this.#history = []
    this.#oldest = this.#version
  }

  onEvent(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #record(type: StoreEvent['type'], object: ApplicationObject): void {
    const version = ++this.#version
    const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    if (type === 'DELETED') this.#objects.delete(object.metadata.name)
    else this.#objects.set(object.metadata.name, versioned)
    this.#history.push({ version, type, object: versioned })
    if (this.#history.length > 5_000) this.#oldest = this.#history.splice(0, 1_000).at(-1)?.version ?? this.#oldest
    for (const listener of this.#listeners) listener()
  }
}

const isSame = (a: ApplicationObject, b: ApplicationObject): boolean => text(a) === text(b)
const text = (object: ApplicationObject): string =>
  JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: '' } })
