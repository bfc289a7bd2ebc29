import { z } from 'zod'

/** Amazon SQS: Queue quotas. A name has 80 characters at most, the `.fifo` of a FIFO queue among them. */
const queueName = z
  .string()
  .max(80, 'is longer than 80 characters')
  .regex(/^[A-Za-z0-9_-]+(\.fifo)?$/, 'is not letters, digits, - and _, with .fifo at the end of a FIFO queue')

/** Amazon SQS: SetQueueAttributes, for the ranges. */
const QueueSchema = z.union(
  [
    queueName.transform((name) => ({ name })),
    z.strictObject({
      name: queueName,
      deadLetter: z
        .strictObject({ queue: queueName, maxReceives: z.int().min(1).max(1000) })
        .describe('Where a message goes that was received so often without being deleted.')
        .optional(),
      visibilityTimeoutSeconds: z.int().min(0).max(43_200).optional(),
      delaySeconds: z.int().min(0).max(900).optional(),
      contentBasedDeduplication: z.boolean().optional(),
    }),
  ],
  {
    error:
      'is neither a queue’s name (letters, digits, - and _, 80 at most, with .fifo at the end of a FIFO queue) nor ' +
      '{ name, deadLetter, visibilityTimeoutSeconds, delaySeconds, contentBasedDeduplication }',
  },
)

/** A queue to be made. */
export interface Queue {
  readonly name: string
  readonly deadLetter?: { readonly queue: string; readonly maxReceives: number } | undefined
  readonly visibilityTimeoutSeconds?: number | undefined
  readonly delaySeconds?: number | undefined
  readonly contentBasedDeduplication?: boolean | undefined
}

/** The queues of the setting, and after them the dead-letter queues that it names nowhere else. */
export const QueuesSchema = z
  .array(QueueSchema)
  .max(200)
  .transform((queues, context): readonly Queue[] => {
    const named: readonly Queue[] = queues
    for (const fault of faultsOf(named)) context.addIssue({ code: 'custom', message: fault })
    const all = new Map(named.map((queue): [string, Queue] => [queue.name, queue]))
    for (const { deadLetter } of named) {
      if (deadLetter !== undefined && !all.has(deadLetter.queue)) all.set(deadLetter.queue, { name: deadLetter.queue })
    }
    return [...all.values()]
  })

function faultsOf(queues: readonly Queue[]): readonly string[] {
  const faults: string[] = []
  const seen = new Map<string, string>()
  const dead = queues.flatMap(({ deadLetter }) => (deadLetter === undefined ? [] : [deadLetter.queue]))
  for (const name of [...queues.map((queue) => queue.name), ...new Set(dead)]) {
    const variable = urlVariableOf(name)
    const other = seen.get(variable)
    if (other !== undefined && other !== name) faults.push(`${other} and ${name} would both be ${variable}`)
    seen.set(variable, name)
  }
  const names = queues.map((queue) => queue.name)
  for (const twice of new Set(names.filter((name, at) => names.indexOf(name) < at)))
    faults.push(`${twice} is there twice`)
  for (const { name, deadLetter, contentBasedDeduplication } of queues) {
    if (contentBasedDeduplication === true && !isFifo(name)) {
      faults.push(`${name} is no FIFO queue, and only those know contentBasedDeduplication`)
    }
    if (deadLetter === undefined) continue
    if (deadLetter.queue === name) faults.push(`${name} is its own dead-letter queue`)
    // Amazon SQS: Using dead-letter queues.
    if (isFifo(deadLetter.queue) !== isFifo(name)) {
      faults.push(
        `${deadLetter.queue} and ${name}: the dead-letter queue of a FIFO queue is one too, of others it is not`,
      )
    }
  }
  return faults
}

export const isFifo = (name: string): boolean => name.endsWith('.fifo')

/** `order-events.fifo` -> `WESTAGE_SQS_ORDER_EVENTS_FIFO_URL`: capitals, and `_` for what no variable's name may hold. */
export const urlVariableOf = (name: string): string =>
  `WESTAGE_SQS_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`
