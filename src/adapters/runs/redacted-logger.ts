import { redactorOf } from './redact.ts'

/** Takes what the operators are to read. */
export type Logger = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: Record<string, unknown>,
) => void

/**
 * A logger that hands on no secret. Errors carry what libraries put into them, requests and answers too: only their
 * text goes on, with stack and causes.
 */
export function redactedLogger(logger: Logger, secrets: readonly string[]): Logger {
  const { redact } = redactorOf(secrets)
  const safe = (value: unknown): unknown => {
    if (value instanceof Error) return textOf(value).split('\n').map(redact).join('\n')
    return typeof value === 'string' ? redact(value) : value
  }
  return (level, message, fields) =>
    logger(
      level,
      redact(message),
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, safe(value)])),
    )
}

const textOf = (error: Error): string =>
  `${error.stack ?? error.message}${error.cause instanceof Error ? `\ncaused by ${textOf(error.cause)}` : ''}`
