/**
 * The smart HTTP transport: protocol version 2 for reading, or 0 where the server has no other, and receive-pack for
 * writing (git documentation: gitprotocol-http). The server is asked once what it is; besides, nothing is asked first:
 * one request each.
 */
import { type Advertisement, advertisementIn, receiverIn } from './advertisement.ts'
import { Refused } from './errors.ts'
import { type FilterWay, filterWays, givesAnyObject } from './filter-way.ts'
import { type GitHttpOptions, openGitHttp } from './git-http.ts'
import { parsePackets } from './pkt-line.ts'
import * as v0 from './protocol-v0.ts'
import * as v2 from './protocol-v2.ts'
import { COMMON_CAPABILITIES, endOfSuccess, outcomeIn, pushRequest } from './receive-pack.ts'
import { FilterRefused } from './server-errors.ts'
import type { BranchUpdate, Fetched, FetchRequest, PushOutcome, Transport } from './transport.ts'

/** @param branch its name without `refs/heads/` */
export function openSmartHttp(options: GitHttpOptions & { readonly branch: string }): Transport {
  const http = openGitHttp(options)
  const ref = `refs/heads/${options.branch}`
  let server: Advertisement | null = null
  /** How the server leaves things out: less where it refuses. */
  let ways: readonly FilterWay[] = []
  /** What it can do in a push, null where that was not asked. */
  let receiver: ReadonlySet<string> | null = null

  const look = async (signal: AbortSignal): Promise<Advertisement> => {
    const said = advertisementIn(parsePackets(await http.discover('git-upload-pack', signal)))
    if (server?.version !== said.version) ways = filterWays(said)
    server = said
    return said
  }
  const met = async (signal: AbortSignal) => server ?? (await look(signal))

  const tip = async (signal: AbortSignal): Promise<string | null> => {
    const said = server?.version === 2 ? server : await look(signal)
    if (said.version === 0) return said.refs.get(ref) ?? null
    return v2.tipIn(parsePackets(await http.post('git-upload-pack', v2.lsRefsRequest(ref), signal)), ref)
  }

  const fetch = async (request: FetchRequest, way: FilterWay, signal: AbortSignal): Promise<Fetched> => {
    const said = await met(signal)
    if (said.version === 2) {
      const answer = v2.openFetchAnswer()
      await http.pieces('git-upload-pack', v2.fetchRequest(request, way), signal, answer.read)
      return answer.fetched()
    }
    const one = v0.asTipAlone(request)
    const asked = givesAnyObject(said.capabilities) ? one : v0.fromTips(one, said, ref)
    try {
      return v0.fetchedIn(await http.post('git-upload-pack', v0.fetchRequest(asked, way, said), signal))
    } catch (error) {
      if (asked === one || error instanceof Refused || signal.aborted) throw error
      // What was a tip when the server told its refs may be none any more.
      const before = said.refs.get(ref)
      if ((await tip(signal)) === before) throw error
      return await fetch(request, way, signal)
    }
  }

  /** A server of version 2 is git's own, or does as that does. */
  const capabilities = async (signal: AbortSignal): Promise<ReadonlySet<string>> => {
    if ((await met(signal)).version === 2) return COMMON_CAPABILITIES
    receiver ??= receiverIn(parsePackets(await http.discover('git-receive-pack', signal))).capabilities
    return receiver
  }

  /** dulwich's server says ok to a race that was lost: where it may be that, the branch is looked at. */
  const confirmed = async ({ to }: BranchUpdate, signal: AbortSignal): Promise<PushOutcome> => {
    if (server?.version === 2 || (await tip(signal)) === to) return { kind: 'applied' }
    return { kind: 'unknown', cause: new Error('the git server said ok, and the branch is elsewhere') }
  }

  return {
    tip,
    gives: () => (server?.version === 0 && !givesAnyObject(server.capabilities) ? 'tips alone' : 'any object'),
    async fetch(request, signal) {
      for (;;) {
        await met(signal)
        const way = request.leaveOut === 'nothing' ? 'all' : (ways[0] ?? 'all')
        try {
          return await fetch(request, way, signal)
        } catch (error) {
          if (!(error instanceof FilterRefused) || way === 'all') throw error
          ways = ways.filter((other) => other !== way)
        }
      }
    },
    async push(update, signal) {
      const known = await capabilities(signal)
      try {
        const body = pushRequest(update, ref, known)
        const answer = await http.post('git-receive-pack', body, signal, (begun) => endOfSuccess(begun, ref))
        const outcome = outcomeIn(parsePackets(answer), ref)
        return outcome.kind === 'applied' ? await confirmed(update, signal) : outcome
      } catch (cause) {
        if (cause instanceof Refused || signal.aborted) throw cause
        return { kind: 'unknown', cause }
      }
    },
    close: http.close,
  }
}
