import { z } from 'zod'
import { destinationOf } from '../domain/preview.ts'
import { timer } from '../settings/durations.ts'
import { loggedUrl } from '../settings/urls.ts'
import { clusterAccess } from './cluster-access.ts'
import { count } from './count.ts'

/** Where Argo CD takes webhooks, by the address of the part of it that takes them. */
export function webhookOf(url: string): string {
  return url.replace(/(\/api\/webhook)?$/, '/api/webhook')
}

/** Argo CD's receiver of webhooks there. */
const webhookUrl = loggedUrl.transform(webhookOf)

/** A cluster by its name or its address, without what a GitOps repo's preview.yaml does not take. */
const destination = z
  .string()
  .max(253)
  .regex(/^(?:https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~/-]*)?|(?!https?:\/\/)[A-Za-z0-9][A-Za-z0-9._:@/-]*)$/, {
    error: 'is neither the name of a cluster nor the address of its API server',
  })

const ServerSchema = z.strictObject({
  url: loggedUrl.describe('Its address, with its root path where it has one, without credentials.'),
  caFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('A certificate authority in PEM that signed its certificate. Without it: the usual ones.'),
})

const NudgeSchema = z.strictObject({
  via: z
    .enum(['none', 'webhook', 'annotations'])
    .default('none')
    .describe('How Argo CD is told to look at once after a push. `none` leaves it to its poll.'),
  server: webhookUrl
    .nullable()
    .default(null)
    .describe(
      'For `webhook`: argocd-server. Without it: `argocd.server.url`. `/api/webhook` is added to an address that does not end so.',
    ),
  applicationSet: webhookUrl
    .nullable()
    .default(null)
    .describe('For `webhook`, which needs it: the ApplicationSet controller, the same way.'),
})

/** Who brings previews into the cluster. */
export const ArgoCdSchema = z.strictObject({
  namespace: z.string().min(1).default('argocd').describe("Argo CD's namespace, where Applications are watched."),
  ...clusterAccess,
  destination: destination
    .default('in-cluster')
    .transform(destinationOf)
    .describe('The cluster that previews run in, by its name in Argo CD or the http(s) address of its API server.'),
  deadline: timer('10m').describe('How long after its commit a revision must be live, hosts included.'),
  crashRestarts: count(3).describe(
    'So many restarts of a pod that crashes end the wait before the deadline. Needs `argocd.server`.',
  ),
  server: ServerSchema.nullable()
    .prefault(null)
    .describe("argocd-server, to say why a preview fails. Without it only the Application's own word counts."),
  nudge: NudgeSchema.prefault({}),
})
