/** Which images buildah may open at all: those of registries, and its own layers. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/** containers-policy.json(5). The one below the home that a build gets would hide it. */
const MACHINES_OWN = '/etc/containers/policy.json'

const Requirements = z.array(z.unknown())
const PolicySchema = z.looseObject({
  default: Requirements,
  transports: z.record(z.string(), z.record(z.string(), Requirements)).default({}),
})

const ANYTHING = [{ type: 'insecureAcceptAnything' }]

/**
 * The text of a policy.json that has this machine's own requirements for registries, takes what is in one store, and
 * refuses all else that containers-transports(5) knows: other stores, folders and archives of this machine. It holds for
 * what a Dockerfile gets from its base image (ENV, ONBUILD) too.
 * @param root a store's `--root`, of driver vfs
 * @throws this machine's own policy is no policy.json
 */
export async function policyOf(root: string, machinesOwn = MACHINES_OWN): Promise<string> {
  const text = await readFile(machinesOwn, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return JSON.stringify({ default: ANYTHING })
    throw error
  })
  const own = PolicySchema.parse(JSON.parse(text))
  const docker = { '': own.default, ...own.transports.docker }
  const store = { [`[vfs@${root}]`]: ANYTHING }
  return JSON.stringify({ default: [{ type: 'reject' }], transports: { docker, 'containers-storage': store } })
}
