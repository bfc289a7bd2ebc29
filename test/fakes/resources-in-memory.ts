import type { ResourceEvent, ResourceNode } from '../../src/domain/resource-tree.ts'
import type { Resources } from '../../src/ports.ts'

/** What argocd-server shows of the previews' objects; nothing until it is given something. */
export interface ResourcesInMemory extends Resources {
  /** Application's name -> its tree. */
  readonly trees: Map<string, readonly ResourceNode[]>
  /** uid -> events. */
  readonly eventsOf: Map<string, readonly ResourceEvent[]>
  /** uid -> lines of its log. */
  readonly logsOf: Map<string, readonly string[]>
  /** How often a tree was asked for. */
  asked(): number
}

export function resourcesInMemory(): ResourcesInMemory {
  const trees = new Map<string, readonly ResourceNode[]>()
  const eventsOf = new Map<string, readonly ResourceEvent[]>()
  const logsOf = new Map<string, readonly string[]>()
  let asked = 0
  return {
    trees,
    eventsOf,
    logsOf,
    asked: () => asked,
    async tree(application) {
      asked++
      return trees.get(application) ?? null
    },
    events: async (_application, { uid }) => eventsOf.get(uid) ?? null,
    logs: async (_application, { uid }) => logsOf.get(uid) ?? null,
  }
}
