import { variableNamesOf } from './inject-env.ts'
import { isObject, listOf, textOf } from './json.ts'
import { mapContainers } from './pod-templates.ts'
import type { Transform } from './transform.ts'

/**
 * Takes from containers the variables that WeStage, add-ons and operators set: theirs win. It is done apart from
 * setting them, so that exactly these are told. What comes by `envFrom` may stay, since `env` wins over it
 * (Kubernetes: Container v1 core).
 */
export const dropOverriddenVariables: Transform = (manifests, target) => {
  const names = variableNamesOf(target)
  return manifests.map((manifest) =>
    mapContainers(
      manifest,
      (container) => {
        const before = listOf(container.env)
        const env = before.filter((entry) => !isObject(entry) || !names.has(textOf(entry.name)))
        return env.length === before.length ? container : { ...container, env }
      },
      target.podTemplates,
    ),
  )
}
