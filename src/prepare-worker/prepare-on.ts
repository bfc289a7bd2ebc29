/** The service's side of one prepare: hands a worker what it asks for, and believes what it says as far as it is checked. */
import { Terminal } from '../domain/errors.ts'
import type { ImageSource, Prepared, PrepareRequest } from '../reconcile/prepare.ts'
import type { RunStep } from '../reconcile/steps.ts'
import { errorOf, type Failure } from './failure.ts'
import type { Place, WorkerTools } from './frames.ts'
import { timeWords, tooManyWords, tooMuchWords } from './limit-words.ts'
import { SaidTooMuch } from './line-reader.ts'
import { type OpenSteps, openSteps } from './open-steps.ts'
import { preparedOf } from './result.ts'
import { type Said, SaidSchema } from './said.ts'
import { send } from './send.ts'
import { type RepoAccess, type ServicePart, servicePart } from './service-part.ts'
import { valueCount } from './value-count.ts'
import { workClock } from './work-clock.ts'
import { type Worker, WorkerBroken } from './worker.ts'

export interface WorkOrder extends RepoAccess {
  readonly request: PrepareRequest
  readonly images: ImageSource
  readonly tools: WorkerTools
  /** What the worker finds on the service's machine; null where it has one of its own. */
  readonly place: Place | null
  /** Of all that the worker says. */
  readonly maxSaidBytes: number
}

/**
 * Of all that a worker may say, for each value in it: 2 million of them in 64 MiB. The YAML of a prepare is a quarter of
 * that by default, and has more than 8 bytes for each of its values.
 */
const VALUE_MIN_BYTES = 32

type Outcome = { readonly prepared: Prepared } | { readonly error: unknown }

/**
 * Runs one prepare on a worker. Where that fails by anything but a failure that the worker told, the worker is ended, and
 * nothing of it is left when this settles.
 * @throws {Terminal} {NotReady} as `prepare`; (author) a limit was passed
 * @throws {WorkerBroken}
 * @throws the signal's reason, within a second of an abort
 */
export async function prepareOn(
  worker: Worker,
  order: WorkOrder,
  step: RunStep,
  signal: AbortSignal,
): Promise<Prepared> {
  signal.throwIfAborted()
  const { maxSaidBytes } = order
  const over = new AbortController()
  const end = (because: unknown) => {
    over.abort(because)
    void worker.end()
  }
  const onAbort = () => end(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const unwatch = worker.watch(end)
  const { timeoutMs } = worker
  const clock = workClock(timeoutMs, () => end(new Terminal(timeWords(timeoutMs))))
  const part = servicePart(worker.input, order, clock, over.signal)
  const steps = openSteps(step)
  let outcome: Outcome | null = null
  try {
    outcome = await conversation(worker, order, steps, part)
  } catch (error) {
    end(error instanceof SaidTooMuch ? new Terminal(tooMuchWords(maxSaidBytes)) : error)
  }
  unwatch()
  clock.stop()
  signal.removeEventListener('abort', onAbort)
  if (over.signal.aborted) {
    // The first reason is the one that counts.
    outcome = { error: over.signal.reason }
    await worker.end()
  }
  await steps.failAll(over.signal.aborted ? over.signal.reason : new WorkerBroken('the worker left a step open'))
  await part.end()
  if (outcome === null || 'error' in outcome) throw outcome?.error
  return outcome.prepared
}

/** @throws {WorkerBroken} {SaidTooMuch} {Terminal} (author) more values were said than may be */
async function conversation(worker: Worker, order: WorkOrder, steps: OpenSteps, part: ServicePart): Promise<Outcome> {
  const { request, images, place, tools } = order
  worker.lines.allow(order.maxSaidBytes)
  const shownImages = images.kind === 'made' ? images : ({ kind: 'repo' } as const)
  const work = { request: withoutSecrets(request), images: shownImages, place, tools }
  await send(worker.input, { kind: 'work', work })
  const maxValues = Math.ceil(order.maxSaidBytes / VALUE_MIN_BYTES)
  let valuesLeft = maxValues
  for (;;) {
    const line = await worker.lines.next()
    if (line === null) throw await worker.endedEarly()
    valuesLeft -= valueCount(line, valuesLeft + 1)
    if (valuesLeft < 0) throw new Terminal(tooManyWords(maxValues))
    const said = saidIn(line)
    switch (said.say) {
      case 'begin':
        await steps.begin(said.id, said.step)
        break
      case 'log':
        steps.log(said.id, said.line)
        break
      case 'end':
        await steps.end(said.id, said.note)
        order.archiveTaken()
        break
      case 'fail':
        await steps.fail(said.id, errorIn(said.failure, part), said.isStopped)
        break
      case 'archive':
        part.sendArchive()
        break
      case 'build':
        part.build(said)
        break
      case 'stop build':
        part.stopBuild()
        break
      case 'here':
        break
      case 'done':
        return { prepared: preparedOf(said.result, request.target.namespace) }
      case 'failed':
        return failureIn(said, steps, part)
      default:
        return said satisfies never
    }
  }
}

/** Where build secrets are is the builder's to know. */
function withoutSecrets(request: PrepareRequest): PrepareRequest {
  const images = request.app.images.map((image) => ({ ...image, build: { ...image.build, secrets: {} } }))
  return { ...request, app: { ...request.app, images } }
}

function saidIn(line: string): Said {
  try {
    return SaidSchema.parse(JSON.parse(line))
  } catch (error) {
    throw new WorkerBroken('the worker said what no worker says', { cause: error })
  }
}

/** What the run's step made of it counts, where it came from a step. */
function failureIn(said: Extract<Said, { say: 'failed' }>, steps: OpenSteps, part: ServicePart): Outcome {
  const inStep = said.step === null ? undefined : steps.failureIn(said.step)
  return inStep ?? { error: errorIn(said.failure, part) }
}

function errorIn(failure: Failure, { failed }: ServicePart): unknown {
  if (failure.kind !== 'ours') return errorOf(failure)
  if (!failed.has(failure.what)) throw new WorkerBroken(`the worker says that the service failed: ${failure.what}`)
  return failed.get(failure.what)
}
