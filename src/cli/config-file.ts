import { readConfig } from '../config/read-config.ts'
import { forgetSecrets } from '../config/secrets.ts'
import { configText } from './config-text.ts'

/**
 * The configuration in a file, with the secrets of the environment, where they are no longer afterwards.
 * @throws {ConfigError} listing every fault
 */
export async function readConfigFile(file: string): Promise<ReturnType<typeof readConfig>> {
  const read = readConfig(await configText(file), undefined, file)
  forgetSecrets()
  return read
}
