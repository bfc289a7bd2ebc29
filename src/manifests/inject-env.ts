import { exposedUrlsOf } from './hosts/exposed.ts'
import { listOf } from './json.ts'
import type { Manifest } from './manifest.ts'
import { mapContainers } from './pod-templates.ts'
import type { EnvVar, Target } from './target.ts'
import type { Transform } from './transform.ts'

/**
 * Tells every container which preview it is part of. These variables stand first, so that the app's own can refer to
 * them as `$(WESTAGE_URL)`, which Kubernetes allows only of variables above. The app's own of the same names are gone
 * by now (drop-overridden-variables).
 */
export const injectEnv: Transform = (manifests, target) => {
  const own = Object.entries(variablesOf(manifests, target)).map(([name, value]): EnvVar => ({ name, value }))
  const given = new Set(target.env.map(({ name }) => name))
  const first = [...own.filter(({ name }) => !given.has(name)), ...target.env]
  return manifests.map((manifest) =>
    mapContainers(
      manifest,
      (container) => ({ ...container, env: [...first, ...listOf(container.env)] }),
      target.podTemplates,
    ),
  )
}

/** The names of all variables that a preview's containers are given, whoever gives them. */
export const variableNamesOf = (target: Target): ReadonlySet<string> =>
  new Set([...Object.keys(variablesOf([], target)), ...target.env.map(({ name }) => name)])

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
