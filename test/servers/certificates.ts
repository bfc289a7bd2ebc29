import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '../../src/adapters/child-process.ts'

/** Files in PEM. */
export interface CertificateFiles {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** A new authority, and a certificate of it for 127.0.0.1, for both sides. */
export async function certificates(): Promise<CertificateFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'westage-certificates-'))
  const env = { PATH: process.env.PATH ?? '', HOME: folder }
  const openssl = (line: string) =>
    runTool({ command: 'openssl', args: line.split(' '), cwd: folder, env, signal: AbortSignal.timeout(20_000) })
  await writeFile(join(folder, 'extensions'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n')
  await openssl('req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -keyout ca-key.pem -out ca.pem')
  await openssl('req -newkey rsa:2048 -nodes -subj /CN=server -keyout key.pem -out request.pem')
  await openssl(
    'x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile extensions -out cert.pem',
  )
  return { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
}
