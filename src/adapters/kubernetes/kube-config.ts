/** How a cluster is reached, and as whom: the one place where kubeconfigs are read. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { load } from 'js-yaml'
import { z } from 'zod'
import { Terminal } from '../../domain/errors.ts'

/** What the client does not know of kubeconfigs (Kubernetes: kubeconfig v1, AuthInfo). */
const TokenFilesSchema = z.object({
  users: z
    .array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() }))
    .nullish(),
})
/** kubelet makes a new token long before the old one ends; a file that somebody writes is looked at as often. */
const READ_AGAIN_MS = 10_000

/** Knows which file it is of: where none is named, the client finds one. Of several in KUBECONFIG, the first. */
class KubeConfigOfFile extends KubeConfig {
  file: string | null = null
  override loadFromFile(...args: Parameters<KubeConfig['loadFromFile']>): void {
    super.loadFromFile(...args)
    this.file = args[0]
  }
}

/**
 * A token in a file is read again as it changes; the kubeconfig itself is read once.
 * @param kubeconfig a file; null for KUBECONFIG, ~/.kube/config or the pod's own account, as kubectl looks for them
 * @param context null for the file's current one
 * @throws the kubeconfig can't be read, or {Terminal} (operator) has no such context
 */
export function kubeConfigOf(kubeconfig: string | null, context: string | null): KubeConfig {
  const config = new KubeConfigOfFile()
  if (kubeconfig === null) config.loadFromDefault()
  else config.loadFromFile(kubeconfig)
  if (config.file !== null) readTokenFiles(config, config.file)
  if (context !== null) config.setCurrentContext(context)
  if (config.getCurrentCluster() === null) {
    const message = `${kubeconfig ?? 'the default kubeconfig'} has no cluster for ${context ?? 'its current context'}`
    throw new Terminal(message, { whose: 'operator' })
  }
  return config
}

function readTokenFiles(config: KubeConfig, kubeconfig: string): void {
  const { users } = TokenFilesSchema.parse(load(readFileSync(kubeconfig, 'utf8')))
  for (const { name, user } of users ?? []) {
    if (!user?.tokenFile) continue
    const tokenOf = tokenIn(resolve(dirname(kubeconfig), user.tokenFile))
    config.addAuthenticator({
      isAuthProvider: (asked) => asked.name === name,
      async applyAuthentication(_, options) {
        options.headers = { ...options.headers, Authorization: `Bearer ${tokenOf()}` }
      },
    })
  }
}

/** Like client-go's, except that the end of a line, which files written by hand have, is not the token's. */
function tokenIn(file: string): () => string {
  let last: { readonly token: string; readonly atMs: number } | null = null
  return () => {
    const nowMs = performance.now()
    if (last === null || nowMs - last.atMs > READ_AGAIN_MS)
      last = { token: readFileSync(file, 'utf8').trim(), atMs: nowMs }
    return last.token
  }
}
