import { readFile } from 'node:fs/promises'
import { ConfigError, readConfig } from '../config/read-config.ts'
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

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`--config ${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
}
