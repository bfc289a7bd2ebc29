import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { pino } from 'pino'
import { ConfigError, readConfig, toolEnvironmentOf } from '../config.ts'

/** Kubernetes kills a pod 30 s after SIGTERM unless told otherwise ("Pod Lifecycle"). */
const GRACE_MS = 20_000

export const serve = new Command('serve')
  .description('Run the service: webhooks in, previews out')
  .requiredOption('--config <file>', 'the instance’s westage.yaml')
  .action(async ({ config: file }: { config: string }) => {
    const { config, secrets } = readConfig(await readText(file))
    // The clients of GitHub and Kubernetes take a second to load: help and a faulty configuration need none of them.
    const { startService } = await import('../main.ts')
    const logger = pino({ base: null })
    const service = await startService(config, secrets, toolEnvironmentOf(), (level, message, fields) =>
      logger[level](fields, message),
    )
    let isStopping = false
    const stop = (signal: string) => {
      if (isStopping) return
      isStopping = true
      logger.info({ signal }, 'stopping')
      service.stop(GRACE_MS).then(
        () => logger.info('stopped'),
        (error: unknown) => {
          logger.error({ err: error }, 'did not stop cleanly')
          process.exitCode = 1
        },
      )
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`--config ${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
}
