/** How a buildkitd is reached, and what it may do for a Dockerfile. */
export interface BuildKitSettings {
  /** `unix:///path` or `tcp://host:port` */
  readonly address: string
  readonly tls: {
    readonly caFile: string
    readonly certFile: string
    readonly keyFile: string
    /** null for the address's host */
    readonly serverName: string | null
  } | null
  /** A template as that of the image's tag; null for no cache in the registry. */
  readonly cacheTag: string | null
  /** Images that `# syntax=` may name; `*` at the end stands for any. */
  readonly frontends: readonly string[]
}

/** buildctl's flags for it. */
export function connectionFlagsOf({ address, tls }: Pick<BuildKitSettings, 'address' | 'tls'>): string[] {
  const at = ['--addr', address]
  if (tls === null) return at
  const files = ['--tlscacert', tls.caFile, '--tlscert', tls.certFile, '--tlskey', tls.keyFile]
  return [...at, ...files, ...(tls.serverName === null ? [] : ['--tlsservername', tls.serverName])]
}
