/** How a program written in Go trusts an authority beside those that its machine knows, whomever it asks. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Authority } from '../registry/authority.ts'
import type { WorkFolder } from './work-folder.ts'

/** SSL_CERT_DIR. Go, crypto/x509: folders of certificates, read beside the system's bundle, which is a file. */
export const certificateFolders = (own: string): string => `/etc/ssl/certs:${own}`

/** @returns what its environment has to hold; nothing where there is no such authority */
export async function trustIn(
  { path }: WorkFolder,
  authority: Authority | null,
): Promise<{ readonly SSL_CERT_DIR?: string }> {
  if (authority === null) return {}
  const folder = join(path, 'authority')
  await mkdir(folder, { mode: 0o700 })
  await writeFile(join(folder, 'ca.pem'), authority.pem)
  return { SSL_CERT_DIR: certificateFolders(folder) }
}
