import { Command, InvalidArgumentError } from 'commander'
import type { RepositoryReport } from '../adapters/registry/tend-repository.ts'
import { toolEnvironmentOf } from '../config/tool-environment.ts'
import { Terminal } from '../domain/errors.ts'
import { duration } from '../settings/durations.ts'
import { readConfigFile } from './config-file.ts'
import { imageLines, imagesJson } from './image-lines.ts'

interface Options {
  readonly config: string
  readonly keep: number
  readonly app: readonly string[]
  readonly remove?: true
  readonly json?: true
}

export const gcImages = new Command('images')
  .description('List the tags that no preview needs; with --remove, remove them from the registry')
  .requiredOption('--config <file>', 'the instance’s westage.yaml')
  .option('--remove', 'remove them; without it they are only listed')
  .option(
    '--keep <duration>',
    'keep what was built, or was in use, at some time since then',
    durationMs,
    durationMs('7d'),
  )
  .option('--app <names...>', 'look at these apps alone, and do not ask GitHub which there are', [])
  .option('--json', 'print JSON')
  .addHelpText('after', '\nExits with 1 where something could not be read or removed.')
  .action(async ({ config: file, keep: keepMs, app: apps, remove, json }: Options) => {
    const { config, secrets } = await readConfigFile(file)
    const { collectImages } = await import('./collect-images.ts')
    const told = new AbortController()
    const stop = (signal: string) => told.abort(new Error(`told to stop by ${signal}`))
    process.once('SIGINT', stop).once('SIGTERM', stop)
    const deed = remove === true ? 'remove' : 'list'
    const collecting = { config, secrets, tools: toolEnvironmentOf(), apps, keepMs, deed, nowMs: Date.now() } as const
    const collected = await collectImages(collecting, told.signal).catch((error: unknown) => {
      // What did not answer is no fault of the program's: its words are enough.
      if (error instanceof Terminal || !(error instanceof Error)) throw error
      console.error(error.message)
      process.exitCode = 1
      return null
    })
    if (collected === null) return
    const { reports, unread, unlisted } = collected
    for (const line of unread) console.error(`Apps of this installation are not looked at: ${line}`)
    if (unlisted !== '') {
      console.error(`Repositories that no preview has had since --keep are not looked for: ${unlisted}`)
    }
    print(reports, deed, json === true ? 'json' : 'lines')
    if (unread.length > 0 || reports.some(({ fault }) => fault !== '')) process.exitCode = 1
  })

function print(reports: readonly RepositoryReport[], deed: 'list' | 'remove', form: 'json' | 'lines'): void {
  if (form === 'json') console.log(imagesJson(reports))
  else for (const line of imageLines(reports, deed)) console.log(line)
  for (const { repository, fault } of reports) if (fault !== '') console.error(`${repository}: ${fault}`)
}

function durationMs(text: string): number {
  const read = duration('7d').safeParse(text)
  if (!read.success) throw new InvalidArgumentError('It is not a duration such as 24h or 7d.')
  return read.data
}
