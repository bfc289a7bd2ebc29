import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { z } from 'zod'
import type { ArgoCdPrograms } from './argocd-programs.ts'

export const ARGOCD_NAMESPACE = 'argocd'

const ObjectSchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })

/** What the `manifests/` of Argo CD's release bring, its kinds first. argocd-server itself adds the administrator's password and the project `default`. */
export async function argocdObjects(programs: ArgoCdPrograms, webhookSecret: string): Promise<readonly object[]> {
  const read = async (folder: string) => {
    const objects = []
    for (const file of await readdir(join(programs.folder, 'argocd-manifests', folder))) {
      if (file === 'kustomization.yaml') continue
      const text = await readFile(join(programs.folder, 'argocd-manifests', folder, file), 'utf8')
      objects.push(...loadAll(text).map((document) => ObjectSchema.parse(document)))
    }
    return objects
  }
  const settings = (await read('base/config')).map((object) => ({
    ...object,
    metadata: { ...object.metadata, namespace: ARGOCD_NAMESPACE },
    ...(object.kind === 'Secret' && {
      stringData: {
        'server.secretkey': randomBytes(32).toString('base64'),
        // What GitHub signs its push events by, and so does WeStage.
        'webhook.github.secret': webhookSecret,
      },
    }),
  }))
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ARGOCD_NAMESPACE } }
  return [namespace, ...(await read('crds')), ...settings]
}
