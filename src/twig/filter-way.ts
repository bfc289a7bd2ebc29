/** How a server leaves out what is not wanted. */
import type { Advertisement } from './advertisement.ts'
import type { Filter } from './transport.ts'

/** Trees by their level, all files, or nothing: what is left out less is understood by more servers. */
export type FilterWay = 'trees' | 'files' | 'all'

const FILTERS: readonly FilterWay[] = ['trees', 'files', 'all']

/** What to try at this server, in order. Where single objects can't be had, what was left out would be out of reach. */
export function filterWays(server: Advertisement): readonly FilterWay[] {
  if (server.version === 2) return server.fetch.includes('filter') ? FILTERS : ['all']
  return server.capabilities.has('filter') && givesAnyObject(server.capabilities) ? FILTERS : ['all']
}

/** git documentation, gitprotocol-capabilities. In version 2 any object that is there may be wanted. */
export const givesAnyObject = (capabilities: ReadonlySet<string>): boolean =>
  capabilities.has('allow-any-sha1-in-want') || capabilities.has('allow-reachable-sha1-in-want')

/** @returns the line that asks for it, null where nothing is to be left out */
export function filterLine(leaveOut: Filter, way: FilterWay): string | null {
  if (leaveOut === 'nothing' || way === 'all') return null
  return way === 'trees' ? `filter tree:${leaveOut.treesFrom}\n` : 'filter blob:none\n'
}
