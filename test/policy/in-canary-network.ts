/**
 * Runs in a network namespace of its own, whose resolver and servers are these canaries (no-network.test.ts starts it):
 * everything harmful goes its way through scan and kustomize, and what asked the canaries is printed as JSON.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { buildFolder } from '../../src/adapters/kustomize/build.ts'
import { scanKustomization } from '../../src/adapters/kustomize/scan.ts'
import { Terminal } from '../../src/domain/errors.ts'
import { bundleOf } from '../../src/manifests/bundle.ts'
import type { Manifest } from '../../src/manifests/manifest.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { findingsOf } from '../../src/policy/policy.ts'
import { NEVER, SETTINGS, write } from '../adapters/kustomize/real-kustomize.ts'
import { targetOf } from '../manifests/sample.ts'
import { harmfulKustomizations } from './harmful-kustomizations.ts'
import { type Harmful, harmfulManifests } from './harmful-manifests.ts'
import { contextOf } from './sample.ts'

const MARKER = 'text-of-a-file-outside'
const [place = ''] = process.argv.slice(2)
const seen = { queries: 0, connections: 0 }

const resolver = createSocket('udp4', (query, { port, address }) => {
  seen.queries++
  // A name error: the header with the query's number and the question again (RFC 1035, 4.1).
  const answer = Buffer.from(query)
  answer.writeUInt16BE(0x8183, 2)
  resolver.send(answer, port, address)
})
resolver.bind(53, '127.0.0.1')
await once(resolver, 'listening')
// HTTP, HTTPS, ssh, git, and the proxy that kustomize is given.
for (const port of [80, 443, 22, 9418, 1]) {
  const server = createServer((socket) => {
    seen.connections++
    socket.destroy()
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
}

mkdirSync(join(place, 'outside'))
writeFileSync(join(place, 'outside/secret.env'), `SECRET=${MARKER}\n`)
write(place, { 'outside/kustomization.yaml': 'configMapGenerator: [{name: secret, envs: [secret.env]}]' })

const kubectl = await commandPathOf('kubectl', SETTINGS.path)
const tool =
  kubectl === null
    ? ({ command: (await commandPathOf('kustomize', SETTINGS.path)) ?? '', verb: 'build' } as const)
    : ({ command: kubectl, verb: 'kustomize' } as const)

/** What the loop does with a folder. @returns its output, or the refusal */
async function rendered(files: Readonly<Record<string, string>>): Promise<{ refused: boolean; text: string }> {
  const root = mkdtempSync(join(place, 'tree-'))
  write(root, files)
  try {
    await scanKustomization(root, 'k8s')
    return { refused: false, text: await buildFolder(tool, SETTINGS, root, 'k8s', () => {}, NEVER) }
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    return { refused: true, text: [error.message, ...error.details].join('\n') }
  }
}

/** One run of kustomize for many; those that it refuses are found by halves. */
async function renderAll(batch: readonly Harmful[]): Promise<void> {
  const files = batch.map(({ yaml }, at) => [`k8s/${at}.yaml`, yaml])
  const top = `resources: [${batch.map((_, at) => `${at}.yaml`).join(', ')}]`
  const { refused, text } = await rendered({ ...Object.fromEntries(files), 'k8s/kustomization.yaml': top })
  if (refused && batch.length > 1) {
    await renderAll(batch.slice(0, batch.length / 2))
    await renderAll(batch.slice(batch.length / 2))
  } else if (refused) {
    count('refused by kustomize')
  } else {
    for (const manifest of parseManifests(text)) judge(manifest, batch)
  }
}

function count(outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}

/** Transforms and policy, each manifest as an app of its own. */
function judge(manifest: Manifest, [first]: readonly Harmful[]): void {
  const { profile = 'standard', rule = '' } = first ?? {}
  try {
    const { manifests } = bundleOf([manifest], targetOf())
    const { refused } = findingsOf(manifests, contextOf({ profile }))
    if (refused.length === 0) harmless.push(rule)
    count(
      refused.length === 0
        ? 'made harmless'
        : refused.some((one) => one.rule === rule)
          ? 'refused'
          : 'refused otherwise',
    )
  } catch (error) {
    if (!(error instanceof Terminal)) throw error
    count('refused by a transform')
  }
}

const kustomizations = harmfulKustomizations({ file: '../../outside/secret.env', folder: '../../outside' })
const passed: string[] = []
const texts: string[] = []
for (const { what, yaml } of kustomizations) {
  const { refused, text } = await rendered({ 'k8s/kustomization.yaml': yaml })
  if (!refused) passed.push(what)
  texts.push(text)
}
const outcomes: Record<string, number> = {}
const harmless: string[] = []
const batchOf = ({ rule, profile }: Harmful) => `${profile} ${rule}`
for (const batch of new Set(harmfulManifests.map(batchOf))) {
  await renderAll(harmfulManifests.filter((one) => batchOf(one) === batch))
}
const reached = { ...seen }

// Without the scan, and without the proxy that leads nowhere, the canaries are asked.
write(place, { 'control/kustomization.yaml': 'resources: ["https://canary.example/a.yaml"]' })
await buildFolder(tool, SETTINGS, place, 'control', () => {}, NEVER).catch(() => '')
const byProxy = { ...seen }
const { execFile } = await import('node:child_process')
const env = { HOME: place, PATH: '' }
await new Promise((resolve) => execFile(tool.command, [tool.verb, join(place, 'control')], { env }, resolve))

process.stdout.write(
  JSON.stringify({
    kustomizations: kustomizations.length,
    manifests: harmfulManifests.length,
    outcomes,
    harmless: [...new Set(harmless)].toSorted(),
    passed,
    leaks: texts.filter((text) => text.includes(MARKER) || text.includes('root:x:0')).length,
    reached,
    control: { connections: byProxy.connections - reached.connections, queries: seen.queries - byProxy.queries },
  }),
)
process.exit(0)
