/** The parts of a cluster: long-running programs, each in a process group of its own with its own log. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { until } from '../demo/until.ts'
import { groupIsRunning, isRunning, MARK, type ProcessId, processOf, signalGroup } from './processes.ts'
import { type ClusterState, logOf, type Part, writeState } from './state.ts'

const READY_TIMEOUT_MS = 120_000
/** An API server waits for its clients much longer; what is lost then, a crash would lose as well. */
const GRACE_MS = 3_000
const KILL_TIMEOUT_MS = 20_000
const LOG_LINES = 15
/** Go's runtime collects at every doubling unless told otherwise, which took up to a fifth of these programs' time. */
const GO = { GOGC: '400', GOMEMLIMIT: '1GiB' }

/** Starts one and notes it. It goes on when this process ends. */
export async function startPart(state: ClusterState, part: Part): Promise<void> {
  const log = openSync(logOf(state.folder, part.name), 'a')
  try {
    const child = spawn(part.command, part.args, {
      cwd: state.folder,
      env: { ...GO, ...part.env, [MARK]: state.folder },
      detached: true,
      stdio: ['ignore', log, log],
    })
    await once(child, 'spawn')
    child.unref()
    const pid = child.pid ?? 0
    // One that has ended already is found so by whoever waits for it.
    note(state, part, { pid, startedAt: (await processOf(pid))?.startedAt ?? '' })
  } finally {
    closeSync(log)
  }
}

/** @throws {Missed} it did not answer in time @throws with the end of its log where it ended */
export async function partIsReady(state: ClusterState, part: Part, signal: AbortSignal): Promise<void> {
  await until(
    `${part.name} to be ready (${logOf(state.folder, part.name)})`,
    READY_TIMEOUT_MS,
    async () => {
      const { process } = partOf(state, part.name)
      if (process === null || !(await isRunning(process))) {
        throw new Error(`${part.name} ended at once:\n${endOfLog(state.folder, part.name)}`)
      }
      return part.readyUrl === null ? null : await faultOf(part.readyUrl)
    },
    signal,
  )
}

/** Lets it end by itself, then makes it. */
export async function stopPart(state: ClusterState, name: string): Promise<void> {
  const part = partOf(state, name)
  if (part.process === null) return
  const { process } = part
  await signalGroup(process, 'SIGCONT')
  await signalGroup(process, 'SIGTERM')
  const gone = async () => ((await groupIsRunning(process)) ? 'it still runs' : null)
  const signal = new AbortController().signal
  await until(`${name} to end`, GRACE_MS, gone, signal).catch(async () => {
    await signalGroup(process, 'SIGKILL')
    await until(`${name} to be killed`, KILL_TIMEOUT_MS, gone, signal)
  })
  note(state, part, null)
}

/** @throws {Error} the cluster has no such part; names those that there are */
export function partOf(state: ClusterState, name: string): ClusterState['parts'][number] {
  const part = state.parts.find((known) => known.name === name)
  if (part !== undefined) return part
  const names = state.parts.map((known) => known.name).join(', ')
  throw new Error(`the cluster ${state.name} has no part ${name}; it has ${names === '' ? 'none' : names}`)
}

function note(state: ClusterState, part: Part, process: ProcessId | null): void {
  const { name, command, args, env, readyUrl } = part
  const noted = { name, command, args, env, readyUrl, process }
  const at = state.parts.findIndex((known) => known.name === name)
  if (at < 0) state.parts.push(noted)
  else state.parts[at] = noted
  writeState(state)
}

function endOfLog(folder: string, part: string): string {
  return readFileSync(logOf(folder, part), 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n')
}

/** Why it does not answer 200 yet. Its certificate is one that it made itself: this asks for nothing but its health. */
function faultOf(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = url.startsWith('https:') ? requestHttps : requestHttp
    request(url, { rejectUnauthorized: false, timeout: 2_000 } as object, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? null : `${url} answered ${response.statusCode}`)
    })
      .on('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error('no answer in 2 s'))
      })
      .on('error', (error) => resolve(`${url}: ${error.message}`))
      .end()
  })
}
