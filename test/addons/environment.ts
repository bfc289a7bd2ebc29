import { isObject, type Json, listOf, objectOf, textOf } from '../../src/manifests/json.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'

/** The variables of a container as the kubelet makes them: Secrets looked up, and `$(NAME)` of variables above replaced. */
export function environmentOf(env: Json | undefined, manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  const made: Record<string, string> = {}
  for (const variable of listOf(env).filter(isObject)) {
    const { name, key } = objectOf(objectOf(variable.valueFrom).secretKeyRef)
    const secret = manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name)
    if (name !== undefined && secret === undefined) throw new Error(`no Secret/${name}`)
    made[textOf(variable.name)] =
      secret === undefined ? expanded(textOf(variable.value), made) : textOf(objectOf(secret.stringData)[textOf(key)])
  }
  return made
}

/** Kubernetes: Define Dependent Environment Variables. What is not known stays as it is. */
export const expanded = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\$\(([A-Za-z0-9_]+)\)/g, (whole, name) => values[name] ?? whole)
