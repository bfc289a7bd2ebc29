/**
 * external-dns: Annotations. `hostname` and `internal-hostname` list the names that an object asks DNS for; the prefix
 * `external-dns.kubernetes.io/` took the place of the one with `alpha`. kOps' dns-controller has lists of its own.
 * Its own kind, DNSEndpoint, sets any record of any name and is the policy's to refuse.
 */
export const isDnsAnnotation = (key: string): boolean =>
  /^external-dns\.(alpha\.)?kubernetes\.io\/(internal-)?hostname$|^dns\.alpha\.kubernetes\.io\/(external|internal)$/.test(
    key,
  )
