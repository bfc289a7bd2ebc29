/**
 * The room that a node with real pods runs in: mounts and processes of its own (unshare(1)). Whatever the node mounts,
 * writes or starts ends with the room's first process.
 */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../demo/until.ts'
import { PATH_OF_ROOT } from './command.ts'
import { partIsReady, partOf, startPart } from './parts.ts'
import { processesOf } from './processes.ts'
import type { Programs } from './programs.ts'
import { type ClusterState, logOf, type Part } from './state.ts'

/** What containerd, kubelet and the network plugins write outside of any folder that they can be given. */
const OWN_FOLDERS = ['/run', '/var/lib', '/var/log']
/** kubelet sets these for the whole machine unless they are so. */
const KERNEL_SETTINGS = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
}
/** mount(8) would leave a folder of its own in the machine's /run without --no-mtab. */
const ROOM = `
for own in $FOLDERS; do mount --no-mtab --bind "$0$own" "$own"; done
for setting in $SETTINGS; do
  if [ -e "/proc/sys/$setting" ]; then
    mount --no-mtab --bind "$0/kernel/$(echo "$setting" | tr / -)" "/proc/sys/$setting"
  fi
done
: > "$0/is-ready"
exec "$PAUSE"
`
const START_TIMEOUT_MS = 30_000

/**
 * @param folder what is written to the room's own folders is kept below it
 * @returns how a command is run in there: what goes before it
 * @throws {Error} a folder that the node needs is where the room has its own
 */
export async function makeRoom(
  state: ClusterState,
  programs: Programs,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (const needed of [folder, programs.folder]) {
    const hider = OWN_FOLDERS.find((own) => needed.startsWith(`${own}/`))
    if (hider !== undefined)
      throw new Error(`${needed} is below ${hider}, which real pods hide: set TMPDIR or HOME elsewhere`)
  }
  for (const own of [...OWN_FOLDERS, '/kernel']) await mkdir(join(folder, own), { recursive: true })
  for (const [setting, value] of Object.entries(KERNEL_SETTINGS)) {
    await writeFile(join(folder, 'kernel', setting.replaceAll('/', '-')), `${value}\n`)
  }
  await startPart(state, roomPart(programs, folder))
  await isMade(state, folder, signal)
  return roomOf(state)
}

/** How a command is run in a room that was made: what goes before it. @throws {Error} it has ended */
export async function roomOf(state: ClusterState): Promise<readonly string[]> {
  const first = await firstProcessIn(state)
  if (first === null) throw new Error('the room of the node has no process')
  return ['--target', String(first), '--mount', '--pid', '--']
}

/** The first process of the node: when it ends, the kernel kills the others and takes down their mounts. */
const roomPart = (programs: Programs, folder: string): Part => ({
  name: 'node',
  command: 'unshare',
  args: ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '/bin/sh', '-euc', ROOM, folder],
  env: {
    PATH: PATH_OF_ROOT,
    PAUSE: join(programs.folder, 'pause'),
    FOLDERS: OWN_FOLDERS.join(' '),
    SETTINGS: Object.keys(KERNEL_SETTINGS).join(' '),
  },
  readyUrl: null,
})

async function isMade(state: ClusterState, folder: string, signal: AbortSignal): Promise<void> {
  await until(
    `the node's mounts (${logOf(state.folder, 'node')})`,
    START_TIMEOUT_MS,
    async () => {
      await partIsReady(state, partOf(state, 'node'), signal)
      if (!existsSync(join(folder, 'is-ready'))) return 'they are being made'
      return (await firstProcessIn(state)) === null ? 'there is no process' : null
    },
    signal,
  )
}

async function firstProcessIn(state: ClusterState): Promise<number | null> {
  const outer = partOf(state, 'node').process?.pid
  return (await processesOf(state.folder)).find(({ parent }) => parent === outer)?.pid ?? null
}
