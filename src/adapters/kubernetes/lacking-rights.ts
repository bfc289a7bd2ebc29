/** Which of its rights WeStage lacks in a cluster, as the cluster itself says. */
import type { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { type ClusterRole, type Right, wordsOfRight } from '../../domain/right.ts'
import { kubeConfigOf } from './kube-config.ts'
import { KubernetesError } from './kubernetes-get.ts'
import { kubernetesSend } from './kubernetes-send.ts'

/** What a cluster says of a role. */
export type Standing =
  | { readonly kind: 'granted' }
  /** Somebody has to change something: a line for each. */
  | { readonly kind: 'lacking'; readonly lines: readonly string[] }
  /** It does not answer, which may pass. */
  | { readonly kind: 'away'; readonly why: string }

const TIMEOUT_MS = 10_000
const UNAUTHORIZED = 401
const AccessSchema = z.object({ status: z.object({ allowed: z.boolean() }) })
const SelfSchema = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) })

/**
 * Asks for each right (Kubernetes: "Checking API access", SelfSubjectAccessReview, which every account may make).
 * @throws the kubeconfig can't be read, or {Terminal} (operator) has no such context
 * @throws the signal's reason
 */
export async function standingOf(role: ClusterRole, signal: AbortSignal): Promise<Standing> {
  const config = kubeConfigOf(role.access.kubeconfig, role.access.context)
  const at = config.getCurrentCluster()?.server ?? ''
  try {
    const allowed = await Promise.all(role.rights.map((right) => isAllowed(config, right, signal)))
    const lacking = role.rights.filter((_, index) => !allowed[index])
    if (lacking.length === 0) return { kind: 'granted' }
    const who = await accountOf(config, signal)
    const may = (right: Right) => `${role.name}: ${who} may not ${wordsOfRight(right)} at ${at}`
    return { kind: 'lacking', lines: lacking.map((right) => `${may(right)} (granted by ${role.grantedBy})`) }
  } catch (error) {
    signal.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    if (!(error instanceof KubernetesError) || error.code !== UNAUTHORIZED)
      return { kind: 'away', why: `${at}: ${why}` }
    return { kind: 'lacking', lines: [`${role.name}: ${at} does not know who asks (${role.setting}): ${why}`] }
  }
}

async function isAllowed(config: KubeConfig, right: Right, signal: AbortSignal): Promise<boolean> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: specOf(right) }
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const answer = await kubernetesSend(config, { method: 'POST', path, body: review }, TIMEOUT_MS, signal)
  return AccessSchema.parse(answer).status.allowed
}

function specOf(right: Right): object {
  if ('path' in right) return { nonResourceAttributes: right }
  const [resource, subresource] = right.resource.split('/')
  return { resourceAttributes: { ...right, resource, ...(subresource !== undefined && { subresource }) } }
}

/** By its name there, for whoever is to grant something (SelfSubjectReview, Kubernetes 1.28). */
async function accountOf(config: KubeConfig, signal: AbortSignal): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  try {
    const answer = await kubernetesSend(config, { method: 'POST', path, body }, TIMEOUT_MS, signal)
    return SelfSchema.parse(answer).status.userInfo.username
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof KubernetesError)) throw error
    return 'its account'
  }
}
