/** Everything an instance is told, read once: a YAML file, and secrets from the environment. */
import { faultLine } from '../settings/faults.ts'
import { readSettings } from '../settings/read-settings.ts'
import { ConfigError } from './config-error.ts'
import { contradictions } from './contradictions.ts'
import { type Config, ConfigSchema } from './schema.ts'
import { readSecrets, type Secrets } from './secrets.ts'

/**
 * @param yaml the text of `westage.yaml`
 * @param env the process's environment; `NAME_FILE` names a file to read the secret NAME from
 * @param file what faults call the file
 * @throws {ConfigError} listing every fault of both: `westage.yaml:12: hosts.port: …`, `WESTAGE_…: …`
 */
export function readConfig(
  yaml: string,
  env: NodeJS.ProcessEnv = process.env,
  file = 'westage.yaml',
): { config: Config; secrets: Secrets } {
  const { value: config, faults, lineOf } = readSettings(yaml, ConfigSchema)
  const read = readSecrets(env)
  const secrets = 'secrets' in read ? read.secrets : null
  const found = config === null || secrets === null ? [] : contradictions(config, secrets)
  const all = [
    ...faults.map((fault) => faultLine(file, fault.line, fault)),
    ...('faults' in read ? read.faults : []),
    ...found.map(({ what, words, beside }) =>
      typeof what === 'string' ? `${what}: ${words}` : faultLine(file, lineOf(beside), { path: what, words }),
    ),
  ]
  if (config === null || secrets === null || all.length > 0) throw new ConfigError(all)
  return { config, secrets }
}
