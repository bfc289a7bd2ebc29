/** The log of one container, from its first line to its last. */
import type { KubeConfig } from '@kubernetes/client-node'
import { KubernetesError, kubernetesGet } from '../kubernetes/kubernetes-get.ts'
import { lineSplitter } from '../line-splitter.ts'
import { pause } from '../pause.ts'

export interface LogSource {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

const RETRY_MS = 250
const LAST_RETRY_MS = 5_000
/** What an ended container said last is here by then, unless the connection hangs. */
const LINGER_MS = 3_000
/** How often the rest of an ended container's log is asked for. */
const LAST_TRIES = 4
/** kubelet cuts lines at 16 KiB; whatever is longer is no line. */
const LINE_MAX = 64 * 1024

/**
 * Follows it live. After a break it goes on with the line after the last one that was told: each line has the time of
 * its writing before it (Kubernetes: pod log, `timestamps`), so none is lost and none is told twice.
 * @param ended resolves once the container has ended: what is there then is all
 * @returns when all of it is told; where the pod or its log is gone, when that is found. Never rejects.
 */
export async function followLog(
  config: KubeConfig,
  source: LogSource,
  onLine: (line: string) => void,
  ended: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const untold = untoldLines()
  const text = lineSplitter(onLine)
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  let failures = 0
  while (!signal.aborted) {
    const isLast = isOver
    try {
      const sinceTime = untold.since()
      const query = {
        container: source.container,
        timestamps: 'true',
        ...(!isLast && { follow: 'true' }),
        ...(sinceTime !== null && { sinceTime }),
      }
      for await (const line of linesOf(config, source, query, isLast ? null : ended, signal)) {
        failures = 0
        const words = untold.of(line)
        if (words !== null) text.write(Buffer.from(`${words}\n`))
      }
      if (isLast) return
    } catch (error) {
      if (error instanceof KubernetesError && error.code === 404) return
      failures++
      if (isLast && failures >= LAST_TRIES) return
    }
    const retry = pause(Math.min(LAST_RETRY_MS, RETRY_MS * 2 ** failures), signal)
    await (isOver ? retry : Promise.race([ended, retry]))
  }
}

/** Of lines with their time those that come after the last one, when reading begins anew at the second of that one. */
function untoldLines() {
  /** The last line's time, and how many lines of that very time were told. */
  let last = { stamp: null as string | null, atNs: -1n, told: 0 }
  /** How many lines of the last one's time are to come again; null once a line came that is new. */
  let again: number | null = null
  return {
    /** From when on lines are wanted, null for all; called when reading begins. */
    since(): string | null {
      again = last.stamp === null ? null : last.told
      return last.stamp
    },
    /** @returns the line's words, null where it was told before, or is none of the container's */
    of(line: string): string | null {
      const space = line.indexOf(' ')
      const stamp = space < 0 ? line : line.slice(0, space)
      const atNs = nanosecondsOf(stamp)
      // Without a time: kubelet's own words, of a log that is gone.
      if (atNs === null) return null
      if (again !== null && atNs < last.atNs) return null
      if (again !== null && atNs === last.atNs && again-- > 0) return null
      again = null
      last = { stamp, atNs, told: atNs === last.atNs ? last.told + 1 : 1 }
      return space < 0 ? '' : line.slice(space + 1)
    },
  }
}

/** RFC 3339 with nanoseconds, as kubelet writes it. */
function nanosecondsOf(stamp: string): bigint | null {
  const [, seconds, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(stamp) ?? []
  const ms = Date.parse(`${seconds}${zone}`)
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** Whole lines as they come; one that is cut off by a break is left out, and at the end of the log is a line too. */
async function* linesOf(
  config: KubeConfig,
  { namespace, pod }: Omit<LogSource, 'container'>,
  query: Readonly<Record<string, string>>,
  ended: Promise<void> | null,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const reading = new AbortController()
  const stop = () => reading.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  // An API server that hangs keeps the connection open for ever.
  void ended?.then(() => pause(LINGER_MS, reading.signal)).then(() => reading.abort(new Error('the log did not end')))
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
    const response = await kubernetesGet(config, path, query, reading.signal, '*/*')
    let rest = ''
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = (lines.pop() ?? '').slice(0, LINE_MAX)
      yield* lines
    }
    if (rest !== '' && query.follow === undefined) yield rest
  } finally {
    signal.removeEventListener('abort', stop)
    reading.abort()
  }
}
