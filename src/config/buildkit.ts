import { z } from 'zod'
import { labels, namespaceName, quantities, quantity } from '../settings/kubernetes-values.ts'
import { loggedUrl } from '../settings/urls.ts'
import { clusterAccess } from './cluster-access.ts'
import { TolerationSchema } from './kubernetes-worker.ts'

/** buildctl knows further kinds of address, which run docker or kubectl on this machine. */
const address = z
  .string()
  .regex(
    /^(?:unix:\/\/\/[^\s\0]+|tcp:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5})$/,
    'is neither unix:///path/of/a.sock nor tcp://host:port',
  )

const file = z.string().min(1)

const TlsSchema = z.strictObject({
  caFile: file.describe("The certificate authority in PEM that signed buildkitd's certificate."),
  certFile: file.describe("WeStage's own certificate in PEM, signed by the authority that buildkitd asks for."),
  keyFile: file.describe("That certificate's key in PEM."),
  serverName: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("The name that buildkitd's certificate is for. Without it: the host of the address."),
})

/** BuildKit's repo has it by the version that the tests run. */
const IMAGE = 'moby/buildkit:v0.34.2-rootless'

/** Kubernetes: "Resource Management for Pods and Containers". */
const ResourcesSchema = z.strictObject({
  requests: quantities({ cpu: '1', memory: '1Gi' }).describe(
    'What a build asks a node for. A resource that is `null` is left out.',
  ),
  limits: quantities({ memory: '4Gi' }).describe('What a build may take. A resource that is `null` is left out.'),
})

/** A Kubernetes Job for each build. */
const JobSchema = z.strictObject({
  url: loggedUrl.describe(
    'Where pods reach WeStage to fetch what they build, such as `http://westage.westage`. Its log names it.',
  ),
  namespace: namespaceName
    .default('jobs-of-westage')
    .describe('Where Jobs are made, which is for nothing else: whoever makes pods can read the Secrets beside them.'),
  ...clusterAccess,
  image: z.string().min(1).default(IMAGE).describe("BuildKit's rootless image, from where nodes can pull it."),
  resources: ResourcesSchema.prefault({}),
  diskSize: quantity
    .default('20Gi')
    .describe("How much of a node's disk the context may take, and as much again the layers."),
  nodeSelector: labels
    .default({})
    .describe(
      'Labels of the nodes that build. Images are for their `kubernetes.io/arch`; without it: for that of the node that WeStage runs on.',
    ),
  tolerations: z
    .array(TolerationSchema)
    .default([])
    .describe('Tolerations of the pods that build, as Kubernetes has them.'),
})

/** A buildkitd that builds for this instance, and perhaps for others, or a Job for each build. */
export const BuildKitSchema = z.strictObject({
  address: address
    .nullable()
    .default(null)
    .describe(
      'Where buildkitd listens: `unix:///path` or `tcp://host:port`. Without it, and without `job`: `unix:///run/buildkit/buildkitd.sock`.',
    ),
  job: JobSchema.nullable()
    .default(null)
    .describe('A Kubernetes Job for each build, instead of a buildkitd by its address.'),
  tls: TlsSchema.nullable()
    .default(null)
    .describe('TLS with certificates of both sides, for `tcp://`. Without it: none.'),
  cacheTag: z
    .string()
    .min(1)
    .refine((tag) => !/\{(?:sha|hash)\}/.test(tag), {
      error: 'is another one for each build: {app}, {image} and {pr} may be in it',
    })
    .nullable()
    .default(null)
    .describe(
      'The tag in `registry.repository` that layers are kept under from one build to the next, of all stages. `{app}`, `{image}` and `{pr}` are filled in. Without it: buildkitd has only its own.',
    ),
  frontends: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Images that a Dockerfile's `# syntax=` may have it built by, instead of buildkitd's own frontend; `*` at the end stands for any.",
    ),
})
