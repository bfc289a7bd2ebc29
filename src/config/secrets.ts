import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseSshKey } from '../twig/ssh-key.ts'
import { UnusableKey } from '../twig/unusable-key.ts'

const pem = z.string().includes('PRIVATE KEY', { error: 'is not a PEM private key' })

/** What an SSH signature can be made with, as the text that it is. */
const sshKey = z.string().superRefine((text, context) => {
  try {
    parseSshKey(text)
  } catch (error) {
    if (!(error instanceof UnusableKey)) throw error
    context.addIssue({ code: 'custom', message: error.message })
  }
})

/** The secrets by the variables that hold them. */
export const SecretsSchema = z.object({
  WESTAGE_GITHUB_PRIVATE_KEY: pem,
  WESTAGE_WEBHOOK_SECRET: z.string().min(1, 'is empty'),
  WESTAGE_API_TOKEN: z.string().min(16, 'is shorter than 16 characters').optional(),
  WESTAGE_GITOPS_TOKEN: z.string().min(1, 'is empty').optional(),
  WESTAGE_GITOPS_SIGNING_KEY: sshKey.optional(),
  WESTAGE_ARGOCD_WEBHOOK_SECRET: z.string().min(1, 'is empty').optional(),
  WESTAGE_ARGOCD_TOKEN: z.string().min(1, 'is empty').optional(),
  WESTAGE_ADDON_SECRET: z.string().min(32, 'is shorter than 32 characters').optional(),
})

/** Kept apart from Config, so that a configuration can be logged and this cannot. */
export interface Secrets {
  readonly githubPrivateKey: string
  readonly webhookSecret: string
  /** null: `/api/previews` answers nobody */
  readonly apiToken: string | null
  /** null where the GitOps repo is reached by the App's own installation token */
  readonly gitopsToken: string | null
  /** An SSH key that commits are signed with; null where they are not, or GitHub does */
  readonly gitopsSigningKey: string | null
  /** What Argo CD's webhook receivers check; null where they are not used */
  readonly argocdWebhookSecret: string | null
  /** Of an AppProject's role, for argocd-server; null where that is not asked */
  readonly argocdToken: string | null
  /** What the passwords of add-ons are derived from; null where there are none, or the cluster makes them */
  readonly addonSecret: string | null
}

/** What a variable holds, or the file that `NAME_FILE` names; undefined where there is neither. */
export function readVariable(
  env: NodeJS.ProcessEnv,
  name: string,
): { readonly value: string | undefined } | { readonly fault: string } {
  const file = env[`${name}_FILE`]
  if (file === undefined) return { value: env[name]?.trim() }
  try {
    return { value: readFileSync(file, 'utf8').trim() }
  } catch (error) {
    return { fault: `${name}_FILE: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/**
 * @param env the process's environment; `NAME_FILE` names a file to read the secret NAME from. A line's end after either
 *   is not the secret's: files have one, and so has a Kubernetes Secret that was made of them
 * @returns the secrets, or all that is wrong with them: a line each, which begins with the variable's name
 */
export function readSecrets(
  env: NodeJS.ProcessEnv,
): { readonly secrets: Secrets } | { readonly faults: readonly string[] } {
  const unreadable = new Map<string, string>()
  const secretOf = (name: string) => {
    const read = readVariable(env, name)
    if ('value' in read) return read.value
    unreadable.set(name, read.fault)
    return undefined
  }
  const names = Object.keys(SecretsSchema.shape)
  const read = SecretsSchema.safeParse(Object.fromEntries(names.map((name) => [name, secretOf(name)])), {
    error: ({ input }) => (input === undefined ? 'is missing' : undefined),
  })
  // What is missing because its file could not be read is said once.
  const wrong = (read.error?.issues ?? []).filter(({ path }) => !unreadable.has(String(path[0])))
  const faults = [...unreadable.values(), ...wrong.map(({ path, message }) => `${path.join('.')}: ${message}`)]
  if (!read.success || faults.length > 0) return { faults }
  return {
    secrets: {
      githubPrivateKey: read.data.WESTAGE_GITHUB_PRIVATE_KEY,
      webhookSecret: read.data.WESTAGE_WEBHOOK_SECRET,
      apiToken: read.data.WESTAGE_API_TOKEN ?? null,
      gitopsToken: read.data.WESTAGE_GITOPS_TOKEN ?? null,
      gitopsSigningKey: read.data.WESTAGE_GITOPS_SIGNING_KEY ?? null,
      argocdWebhookSecret: read.data.WESTAGE_ARGOCD_WEBHOOK_SECRET ?? null,
      argocdToken: read.data.WESTAGE_ARGOCD_TOKEN ?? null,
      addonSecret: read.data.WESTAGE_ADDON_SECRET ?? null,
    },
  }
}

/**
 * Takes the secrets out of an environment once they are read: programs that a library starts without a word on what
 * they are given, such as an `exec` plugin of a kubeconfig, inherit it.
 */
export function forgetSecrets(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(SecretsSchema.shape)) delete env[name]
}
