/**
 * What a text says as JSON; undefined where it is none, which every schema refuses. A parser's error quotes what it read,
 * and that may be a secret.
 */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
