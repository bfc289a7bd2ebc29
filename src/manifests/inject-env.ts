import { exposedUrlsOf } from './exposed-hosts.ts'
import { isObject, listOf, textOf } from './json.ts'
import type { Manifest } from './manifest.ts'
import { mapContainers } from './pod-templates.ts'
import type { EnvVar, Target } from './target.ts'
import type { Transform } from './transform.ts'

/**
 * Tells every container and initContainer which preview it is part of. The app's own variables of the same names go;
 * these stand first, so that the app's own can refer to them as `$(WESTAGE_URL)`, which Kubernetes allows only of
 * variables above.
 */
export const injectEnv: Transform = (manifests, target) => {
  const own = Object.entries(variablesOf(manifests, target)).map(([name, value]): EnvVar => ({ name, value }))
  const names = new Set([...own, ...target.env].map(({ name }) => name))
  return manifests.map((manifest) =>
    mapContainers(
      manifest,
      (container) => {
        const rest = listOf(container.env).filter((entry) => !isObject(entry) || !names.has(textOf(entry.name)))
        return { ...container, env: [...own, ...target.env, ...rest] }
      },
      target.podTemplates,
    ),
  )
}

/** URL and host are the first that the preview is exposed at, '' for one that is not. */
function variablesOf(manifests: readonly Manifest[], target: Target): Readonly<Record<string, string>> {
  const [first = { host: '', url: '' }] = exposedUrlsOf(manifests, target)
  return {
    WESTAGE: '1',
    WESTAGE_URL: first.url,
    WESTAGE_HOST: first.host,
    WESTAGE_APP: target.app,
    WESTAGE_BRANCH: literal(target.pull.branch),
    WESTAGE_PR: String(target.pull.number),
    WESTAGE_SHA: target.sha,
    WESTAGE_NAMESPACE: target.namespace,
  }
}

/**
 * Kubernetes: Define Dependent Environment Variables. `$(NAME)` is replaced by a variable's value, and `$$` is one
 * dollar sign: the branch is the author's to choose and is not to be looked into.
 */
const literal = (text: string): string => text.replaceAll('$', '$$$$')
