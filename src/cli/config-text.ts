import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config/config-error.ts'

/** What stands in the file that `--config` names. @throws {ConfigError} it can't be read */
export async function configText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`--config ${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
}
