import { isList, isObject, type Json } from './json.ts'
import { readYaml } from './yaml.ts'

type Files = ReadonlyMap<string, string>

/** Two versions of a folder without the files of which a person must not read everything. */
export interface WithoutSecrets {
  readonly before: Files
  readonly after: Files
  /** The files that were left out, where they are not the same in both versions. */
  readonly hidden: readonly string[]
}

/**
 * Leaves out every file that holds a Secret in either version. People may have edited these files: one that can't be read
 * is left out where anything in it could be one.
 */
export function withoutSecrets(before: Files, after: Files): WithoutSecrets {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  const secret = new Set(paths.filter((path) => [before, after].some((files) => holdsSecret(files.get(path) ?? ''))))
  const shown = (files: Files): Files => new Map([...files].filter(([path]) => !secret.has(path)))
  return {
    before: shown(before),
    after: shown(after),
    hidden: [...secret].filter((path) => before.get(path) !== after.get(path)),
  }
}

function holdsSecret(text: string): boolean {
  if (!/secret|\\/i.test(text)) return false
  if (/\bkind["']?\s*:\s*["']?Secret\b/.test(text)) return true
  try {
    return readYaml(text).some(isSecret)
  } catch {
    return true // of what kind it is nobody can tell
  }
}

function isSecret(value: Json): boolean {
  if (isList(value)) return value.some(isSecret)
  if (!isObject(value)) return false
  return value.kind === 'Secret' || (isList(value.items) && value.items.some(isSecret))
}
