import { createHmac } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const LENGTH = 32
/** The largest multiple of the alphabet's length that fits a byte: bytes past it would favour its first letters. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length)

/** Whose passwords they are: a preview's key. */
export interface PasswordOwner {
  readonly repositoryId: number
  readonly pull: number
  readonly app: string
}

/** A preview's own secret: the same for each rendering of it, of no use for another preview or for the instance's. */
export const seedOf = (instanceSecret: string, { repositoryId, pull, app }: PasswordOwner): string =>
  createHmac('sha256', instanceSecret)
    .update(JSON.stringify(['add-ons', repositoryId, pull, app]))
    .digest('hex')

/**
 * The password for a purpose such as `mysql`: 32 letters and digits, some 190 bits. No character means anything to a
 * URL, a shell, YAML or Kubernetes.
 */
export function passwordFrom(seed: string, purpose: string): string {
  let password = ''
  for (let block = 0; password.length < LENGTH; block++) {
    const bytes = createHmac('sha256', seed)
      .update(JSON.stringify([purpose, block]))
      .digest()
    for (const byte of bytes) if (byte < FAIR_BYTES) password += ALPHABET.charAt(byte % ALPHABET.length)
  }
  return password.slice(0, LENGTH)
}
