import { once } from 'node:events'
import { Command } from 'commander'
import { pino } from 'pino'
import { ConfigError } from '../config/config-error.ts'
import { readWeHookConfig, readWeHookToken } from '../config/read-wehook-config.ts'
import { replayCallback } from '../wehook/replay-callback.ts'
import { configText } from './config-text.ts'
import { counted } from './counted.ts'
import { toldToStop } from './told-to-stop.ts'

export const wehook = new Command('wehook')
  .description('Run WeHook: callbacks of providers in, to every running preview out')
  .option('--config <file>', 'the instance’s westage.yaml, with a section wehook')
  .action(async ({ config: file }: { config?: string }) => {
    if (file === undefined) throw new ConfigError(['--config <file>: is missing'])
    const logger = pino({ base: null })
    const told = toldToStop((signal) => logger.info({ signal }, 'stopping'))
    const { config, secrets } = readWeHookConfig(await configText(file), undefined, file)
    const { startWeHook } = await import('../wehook/wehook.ts')
    const running = await startWeHook(config, secrets, (level, message, fields) => logger[level](fields ?? {}, message))
    const why = told.aborted ? null : await Promise.race([once(told, 'abort').then(() => null), running.broken])
    if (why !== null) {
      logger.error({ err: why }, 'nothing can be kept any more: WeHook ends, and is to be started again')
      process.exitCode = 1
    }
    await running.stop()
    logger.info('stopped')
  })

wehook
  .command('replay <id>')
  .description('Have a WeHook hand a callback once more to the previews that take it; its token is WEHOOK_TOKEN')
  .requiredOption('--server <url>', 'where WeHook is reached, such as https://ci.example.com/wehook')
  .option('--to <preview>', 'to this preview alone: <app>/pr-<number>')
  .action(async (id: string, { server, to }: { server: string; to?: string }) => {
    const sent = await replayCallback({ server, token: readWeHookToken(), id, to: to ?? null })
    console.log(`Handed to ${counted(sent, 'preview')} again.`)
  })
