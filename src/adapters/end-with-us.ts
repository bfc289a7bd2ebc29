/**
 * Ends the process groups of tools where this process dies without a chance to (SIGKILL, out of memory): one shell for
 * all of them reads from a pipe, and the kernel closes that pipe whatever this process dies of.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'

/** Reads `+ 123` and `- 123`; at the end of its input it kills the groups that are left. */
const KEEPER = `trap '' HUP INT TERM
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% "$group" *} \${groups#* "$group" }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null`

const groups = new Set<number>()
let keeper: ChildProcess | null = null

/**
 * @param group the id of a process group, which is the id of the process that leads it
 * @returns to be called once the group is gone, so that its id may be another's
 */
export function endWithUs(group: number): () => void {
  groups.add(group)
  if (keeper === null) keeper = startKeeper()
  else keeper.stdin?.write(`+ ${group}\n`)
  return () => {
    groups.delete(group)
    keeper?.stdin?.write(`- ${group}\n`)
  }
}

/** It does not keep this process from ending. */
function startKeeper(): ChildProcess {
  const started = spawn('/bin/sh', ['-c', KEEPER], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const isGone = () => {
    if (keeper === started) keeper = null
  }
  started.on('error', isGone).on('exit', isGone)
  started.stdin?.on('error', isGone)
  started.stdin?.write([...groups].map((group) => `+ ${group}\n`).join(''))
  started.unref()
  if (started.stdin instanceof Socket) started.stdin.unref()
  return started
}
