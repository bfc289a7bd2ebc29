/** A certificate authority of one's own that signed a registry's certificate. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher } from 'undici'
import { Terminal } from '../../domain/errors.ts'

/** It is trusted beside those that Node knows. */
export interface Authority {
  /** One or several certificates. */
  readonly pem: string
  /** What requests go by. */
  readonly dispatcher: Dispatcher
}

/**
 * @param caFile null where there is none
 * @throws {Terminal} (operator) it can't be read or holds no certificate
 */
export async function readAuthority(caFile: string | null): Promise<Authority | null> {
  if (caFile === null) return null
  try {
    const pem = await readFile(caFile, 'utf8')
    new X509Certificate(pem)
    // What is given to TLS stands in the place of what Node knows.
    return { pem, dispatcher: new Agent({ connect: { ca: [...rootCertificates, pem] } }) }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Terminal(`registry.caFile: ${caFile} is no certificate in PEM that can be read: ${why}`, {
      whose: 'operator',
      cause,
    })
  }
}
