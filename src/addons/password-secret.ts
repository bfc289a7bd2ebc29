import type { Manifest } from '../manifests/manifest.ts'
import type { EnvVar } from '../manifests/target.ts'
import type { AddonRequest } from './addon.ts'

const KEY = 'password'

const secretNameOf = (addon: string): string => `westage-${addon}`

/** A variable whose value is the add-on's password, wherever that Secret comes from. */
export const passwordVariable = (name: string, addon: string): EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: secretNameOf(addon), key: KEY } },
})

/**
 * The Secret with an add-on's password; or, where passwords are generated in the cluster, what makes External Secrets
 * write the same Secret there, once (External Secrets: Password generator; `refreshInterval` 0 fetches one time).
 */
export function passwordSecret(addon: string, { passwordOf }: AddonRequest): readonly Manifest[] {
  const name = secretNameOf(addon)
  const metadata = { name }
  const password = passwordOf(addon)
  if (password !== null) {
    return [{ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: { [KEY]: password } }]
  }
  const generator = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password' }
  return [
    { ...generator, metadata, spec: { length: 32, digits: 8, symbols: 0, noUpper: false, allowRepeat: true } },
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata,
      spec: {
        refreshInterval: '0',
        target: { name },
        dataFrom: [{ sourceRef: { generatorRef: { ...generator, name } } }],
      },
    },
  ]
}
