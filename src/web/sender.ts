import { isSecret, isSignature, isSigned } from './signature.ts'

/** What a webhook's headers say of it, and how to know that it comes from who has the secret. */
export interface Sender {
  /** In GitHub's words; undefined where no header says it. */
  readonly event: string | undefined
  /** '' where it has none. */
  readonly delivery: string
  /** Whether these are the bytes that were sent by who has the secret. */
  isProved(bytes: Uint8Array): boolean
}

/**
 * GitHub signs what it sends, and so do Gitea and Forgejo, which send GitHub's headers beside their own (Gitea's
 * services/webhook/deliver.go). GitLab sends the secret itself (GitLab: "Webhooks", secret token), which is believed of
 * its push event alone.
 * @returns null where the headers alone tell that it comes from somebody else
 */
export function senderOf(header: (name: string) => string | undefined, secret: string): Sender | null {
  const signature = header('x-hub-signature-256')
  // Anybody can send what looks like a signature: whether it is one is known when the body is here.
  if (isSignature(signature)) {
    return {
      event: header('x-github-event'),
      delivery: header('x-github-delivery') ?? '',
      isProved: (bytes) => isSigned(bytes, signature, secret),
    }
  }
  if (!isSecret(header('x-gitlab-token'), secret)) return null
  const event = header('x-gitlab-event')
  return {
    event: event === undefined ? undefined : event === 'Push Hook' ? 'push' : 'another event of GitLab',
    delivery: header('x-gitlab-event-uuid') ?? '',
    isProved: () => true,
  }
}
