import { ApisApi, type KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { jsonOf, kubernetesGet } from '../../src/adapters/kubernetes/kubernetes-get.ts'

/** These come and go by themselves, or are a record of what was. */
const LEFT_OUT = new Set(['events', 'leases', 'nodes', 'componentstatuses'])
const ResourcesSchema = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), verbs: z.array(z.string()) })),
})
const ListSchema = z.object({ items: z.array(z.unknown()) })

/** How many objects of each kind the cluster holds, as `Kind` or `Kind.group`. */
export async function countsOf(config: KubeConfig): Promise<Readonly<Record<string, number>>> {
  const never = new AbortController().signal
  const get = async (path: string) => jsonOf(await kubernetesGet(config, path, {}, never))
  const { groups } = await config.makeApiClient(ApisApi).getAPIVersions()
  const places = [
    { group: '', path: '/api/v1' },
    ...groups.map(({ name, preferredVersion, versions }) => ({
      group: name,
      path: `/apis/${preferredVersion?.groupVersion ?? versions[0]?.groupVersion}`,
    })),
  ]
  const counts: Record<string, number> = {}
  for (const { group, path } of places) {
    const { resources } = ResourcesSchema.parse(await get(path))
    for (const { name, kind, verbs } of resources) {
      if (name.includes('/') || !verbs.includes('list') || LEFT_OUT.has(name)) continue
      const { items } = ListSchema.parse(await get(`${path}/${name}`))
      counts[group === '' ? kind : `${kind}.${group}`] = items.length
    }
  }
  return counts
}
