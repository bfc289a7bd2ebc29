import { readFile } from 'node:fs/promises'
import { ConfigError, readConfig } from '../config/read-config.ts'
import { readWeHookConfig } from '../config/read-wehook-config.ts'
import { forgetSecrets } from '../config/secrets.ts'

/**
 * The configuration in a file, with the secrets of the environment, where they are no longer afterwards.
 * @throws {ConfigError} listing every fault
 */
export async function readConfigFile(file: string): Promise<ReturnType<typeof readConfig>> {
  const read = readConfig(await readText(file), undefined, file)
  forgetSecrets()
  return read
}

/**
 * What WeHook is told in a file, with its secrets of the environment.
 * @throws {ConfigError} listing every fault
 */
export const readWeHookConfigFile = async (file: string): Promise<ReturnType<typeof readWeHookConfig>> =>
  readWeHookConfig(await readText(file), undefined, file)

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`--config ${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
}
