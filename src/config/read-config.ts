/** Everything an instance is told, read once: a YAML file, and secrets from the environment. */
import { load, YAMLException } from 'js-yaml'
import type { z } from 'zod'
import { contradictions } from './contradictions.ts'
import { type Config, ConfigSchema } from './schema.ts'
import { readSecrets, type Secrets } from './secrets.ts'

/** Every fault of the configuration at once, one line each. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigError'
  }
}

/**
 * @param yaml the text of `westage.yaml`
 * @param env the process's environment; `NAME_FILE` names a file to read the secret NAME from
 * @throws {ConfigError} listing every fault of both
 */
export function readConfig(yaml: string, env: NodeJS.ProcessEnv = process.env): { config: Config; secrets: Secrets } {
  const unreadable: string[] = []
  const document = parsed(yaml, unreadable)
  const isParsed = unreadable.length === 0
  const config = ConfigSchema.safeParse(document)
  const secrets = readSecrets(env)
  const faults = [
    ...unreadable,
    ...(isParsed ? faultsOf(config.error) : []),
    ...('faults' in secrets ? secrets.faults : []),
    ...(config.success && 'secrets' in secrets
      ? contradictions(config.data, secrets.secrets).map(
          ({ what, words }) => `${typeof what === 'string' ? what : what.join('.')}: ${words}`,
        )
      : []),
  ]
  if (faults.length > 0 || !config.success || !('secrets' in secrets)) throw new ConfigError(faults)
  return { config: config.data, secrets: secrets.secrets }
}

function parsed(yaml: string, faults: string[]): unknown {
  try {
    return load(yaml) ?? {}
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    faults.push(error.message)
    return {}
  }
}

function faultsOf(error: z.ZodError | undefined): string[] {
  return (error?.issues ?? []).map((issue) => {
    const path = issue.path.join('.')
    const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
    return `${path === '' ? 'westage.yaml' : path}: ${missing ? 'is missing' : issue.message}`
  })
}
