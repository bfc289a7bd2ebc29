import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Json } from '../../src/manifests/json.ts'
import { readYaml } from '../../src/manifests/yaml.ts'

const options = {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  env: { PATH: process.env.PATH, KUBECONFIG: '/dev/null', HOME: tmpdir() },
} as const

const run = (args: readonly string[]): string =>
  execFileSync('kubectl', args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })

const isInstalled = (): boolean => {
  try {
    run(['version', '--client'])
    return true
  } catch {
    return false
  }
}

/** Why tests with kubectl are skipped, '' where they run; in CI they always run, and fail where it is missing. */
export const skipReason = process.env.CI === 'true' || isInstalled() ? '' : ' (skipped: no kubectl)'

function inFile<T>(yaml: string, name: string, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'westage-kubectl-'))
  try {
    writeFileSync(join(folder, name), yaml)
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The objects that kubectl reads from a YAML stream: `kubectl label --local` asks no server, and only adds a label. */
export const readByKubectl = (yaml: string): readonly Json[] =>
  inFile(yaml, 'objects.yaml', (folder) => {
    const printed = run(['label', '--local', '-f', join(folder, 'objects.yaml'), 'by=kubectl', '-o', 'json'])
    return printed.split(/(?<=^}\n)(?={)/m).flatMap(exactJson)
  })

/** JSON.parse would round integers; JSON in ASCII is YAML too. */
const exactJson = (text: string): readonly Json[] =>
  readYaml(text.replaceAll(/[\u007f-\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`))

/** What `kubectl kustomize` makes of a folder. */
export const kustomized = async (folder: string): Promise<string> =>
  (await promisify(execFile)('kubectl', ['kustomize', folder], options)).stdout

/** What `kubectl kustomize` makes of one resource file. */
export const kustomizedText = (yaml: string): string =>
  inFile(yaml, 'resources.yaml', (folder) => {
    writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [resources.yaml]\n')
    return run(['kustomize', folder])
  })
