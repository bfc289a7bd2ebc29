/** What is known of a cluster, in one file of its folder: written before each effect, so that any rest can be undone. */
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const ProcessIdSchema = z.object({ pid: z.number(), startedAt: z.string() })

const PartSchema = z.object({
  name: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** Answers 200 once the part is at work; null where there is nothing to ask. */
  readyUrl: z.string().nullable(),
})

const StateSchema = z.object({
  name: z.string(),
  folder: z.string(),
  /** Who ends it by ending; null where it goes on until it is asked to end. */
  owner: ProcessIdSchema.nullable(),
  phase: z.enum(['starting', 'up']),
  /** A cluster of k3d or kind has no parts of ours, and these pods are theirs. */
  madeBy: z.enum(['go', 'k3d', 'kind']),
  pods: z.enum(['real', 'played']),
  apiServer: z.object({ url: z.string(), token: z.string(), certificate: z.string() }).nullable(),
  argocd: z
    .object({
      version: z.string(),
      serverUrl: z.string(),
      applicationSetWebhookUrl: z.string(),
      webhookSecret: z.string(),
    })
    .nullable(),
  parts: z.array(PartSchema.extend({ process: ProcessIdSchema.nullable() })),
  /** Between the machine and its pods: the link's name, and the two addresses at its ends. */
  link: z.object({ name: z.string(), address: z.string(), router: z.string(), pods: z.string() }).nullable(),
  /** Whether a table of nftables may be there. */
  isShielded: z.boolean(),
  cgroup: z.string().nullable(),
})

export type Part = z.output<typeof PartSchema>
export type ClusterState = z.output<typeof StateSchema>

const PREFIX = 'westage-cluster-'
const fileOf = (folder: string) => join(folder, 'state.json')

/** Where clusters have their folders: as it was at the start, since who starts one may take another TMPDIR for itself. */
const HOME = tmpdir()

/** Where the cluster of this name has its logs and data. Short: sockets are in it, whose paths have 107 bytes (unix(7)). */
export const folderOf = (name: string): string => join(HOME, `${PREFIX}${name}`)

export const kubeconfigOf = (folder: string): string => join(folder, 'kubeconfig')
export const logOf = (folder: string, part: string): string => join(folder, 'logs', `${part}.log`)

export function writeState(state: ClusterState): void {
  const draft = `${fileOf(state.folder)}.draft`
  writeFileSync(draft, JSON.stringify(state, null, 2), { mode: 0o600 })
  renameSync(draft, fileOf(state.folder))
}

/** null where the folder holds no cluster, or is another user's, who could have written anything. */
export function readState(folder: string): ClusterState | null {
  try {
    if (statSync(folder).uid !== process.getuid?.()) return null
    return StateSchema.parse(JSON.parse(readFileSync(fileOf(folder), 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Every cluster of this user on this machine, half started ones too. */
export const allStates = (): readonly ClusterState[] =>
  readdirSync(HOME)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => readState(join(HOME, name)))
    .filter((state) => state !== null)
