/**
 * A private key cannot be used. The message is read after the key's name, says what it is and what to do, and holds
 * nothing of the key.
 */
export class UnusableKey extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnusableKey'
  }
}

export const MAKE_ONE = 'make one with ssh-keygen -t ed25519'

export const encryptedKey = (): UnusableKey =>
  new UnusableKey(
    "is encrypted with a passphrase, which nobody is there to type: take it out of a copy with ssh-keygen -p -N '' -f FILE",
  )

export const dsaKey = (): UnusableKey => new UnusableKey(`is a DSA key, which nobody takes any more: ${MAKE_ONE}`)
