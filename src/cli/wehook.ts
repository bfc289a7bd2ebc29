import { once } from 'node:events'
import { Command } from 'commander'
import { pino } from 'pino'
import { readWeHookConfigFile } from './config-file.ts'
import { toldToStop } from './told-to-stop.ts'

export const wehook = new Command('wehook')
  .description('Run WeHook: callbacks of providers in, to every running preview out')
  .requiredOption('--config <file>', 'the instance’s westage.yaml, with a section wehook')
  .action(async ({ config: file }: { config: string }) => {
    const logger = pino({ base: null })
    const told = toldToStop((signal) => logger.info({ signal }, 'stopping'))
    const { config, secrets } = await readWeHookConfigFile(file)
    const { startWeHook } = await import('../wehook/wehook.ts')
    const running = await startWeHook(config, secrets, (level, message, fields) => logger[level](fields ?? {}, message))
    if (!told.aborted) await once(told, 'abort')
    await running.stop()
    logger.info('stopped')
  })
