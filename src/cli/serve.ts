import { once } from 'node:events'
import { Command } from 'commander'
import { pino } from 'pino'
import { toolEnvironmentOf } from '../config/tool-environment.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { readConfigFile } from './config-file.ts'
import { toldToStop } from './told-to-stop.ts'

/** Kubernetes kills a pod 30 s after SIGTERM unless told otherwise ("Pod Lifecycle"). */
const GRACE_MS = 20_000

export const serve = new Command('serve')
  .description('Run the service: webhooks in, previews out')
  .requiredOption('--config <file>', 'the instance’s westage.yaml')
  .action(async ({ config: file }: { config: string }) => {
    keepHeapSmall()
    const logger = pino({ base: null })
    const told = toldToStop((signal) => logger.info({ signal }, 'stopping'))
    const { config, secrets } = await readConfigFile(file)
    // The clients of GitHub and Kubernetes take a second to load: help and a faulty configuration need none of them.
    const { startService } = await import('../main.ts')
    const service = await startService(
      config,
      secrets,
      toolEnvironmentOf(),
      (level, message, fields) => logger[level](fields, message),
      told,
    ).catch((error) => {
      if (error !== told.reason) throw error
      return null
    })
    if (!told.aborted) await once(told, 'abort')
    try {
      await service?.stop(GRACE_MS)
      logger.info('stopped')
    } catch (error) {
      logger.error({ err: error }, 'did not stop cleanly')
      process.exitCode = 1
    }
  })
