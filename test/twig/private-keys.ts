/** Private keys that everybody knows, for tests alone. */

/** RFC 8032, section 7.1, test 1, as PKCS#8 (RFC 8410). */
export const ED25519_OF_RFC_8032 = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`
