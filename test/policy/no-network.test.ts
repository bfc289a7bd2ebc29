import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { kustomize } from '../adapters/kustomize/real-kustomize.ts'

const SCRIPT = fileURLToPath(new URL('in-canary-network.ts', import.meta.url))
const UNSHARE = ['--map-root-user', '--net', '--mount']

/** Linux: user_namespaces(7); some systems keep them to root, or forbid them. */
function hasNamespaces(): boolean {
  try {
    execFileSync('unshare', [...UNSHARE, 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** In CI it always runs, and fails where it can't. */
const isSkipped = process.env.CI !== 'true' && (kustomize === null || !hasNamespaces())
const reason = isSkipped ? ' (skipped: it takes kustomize or kubectl, unshare and ip)' : ''

describe.skipIf(isSkipped)(`what is harmful${reason}`, () => {
  it('reaches no server and no resolver, and nothing outside of its tree', { timeout: 180_000 }, () => {
    const place = mkdtempSync(join(tmpdir(), 'westage-canary-'))
    try {
      writeFileSync(join(place, 'resolv.conf'), 'nameserver 127.0.0.1\n')
      const inside = `ip link set lo up && mount --bind "$1/resolv.conf" /etc/resolv.conf && exec "$2" --import tsx "$3" "$1"`
      const args = [...UNSHARE, 'sh', '-c', inside, 'sh', place, process.execPath, SCRIPT]
      const report = JSON.parse(execFileSync('unshare', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
      expect(report).toMatchObject({ passed: [], leaks: 0, reached: { queries: 0, connections: 0 } })
      expect(report.kustomizations).toBeGreaterThanOrEqual(40)
      expect(report.outcomes).toMatchInlineSnapshot(`
        {
          "made harmless": 27,
          "refused": 258,
          "refused by a transform": 22,
          "refused by kustomize": 1,
        }
      `)
      expect(report.harmless).toMatchInlineSnapshot(`
        [
          "argocd-annotations",
          "bound-volumes",
          "cloud-identities",
          "deletion-blockers",
          "external-ips",
          "host-namespaces",
          "host-ports",
          "service-annotations",
          "service-types",
        ]
      `)
      // The canaries would have noticed.
      expect(report.control.connections).toBeGreaterThan(0)
      expect(report.control.queries).toBeGreaterThan(0)
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
})
