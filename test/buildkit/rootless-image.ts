/**
 * An image that has of `moby/buildkit:<version>-rootless` what builds need: no registry here has that one. buildkitd,
 * buildctl, rootlesskit and buildctl-daemonless.sh of the versions that go.mod pins; runc, busybox and newuidmap are
 * Debian's. Made once, and kept in the user's cache.
 */
import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runTool } from '../../src/adapters/child-process.ts'
import { builtOnce, go, goBuild } from '../cluster/built-once.ts'
import { unpackPackages } from '../images/debian-packages.ts'
import { pushLayer } from '../images/push-layer.ts'
import { makeBuildKit } from './programs.ts'

const HERE = import.meta.dirname
const ROOTLESS = join(HERE, 'rootless')
const TAR_TIMEOUT_MS = 120_000
const APPLETS = ['awk', 'cat', 'cp', 'expr', 'head', 'id', 'kill', 'ls', 'mkdir', 'mktemp', 'mount', 'rm', 'sed', 'sh']
const MORE_APPLETS = ['sleep', 'tail', 'tar', 'tr', 'umount', 'wget', 'chmod', 'env', 'touch', 'true']
/** Where the user of the image writes, as in the Dockerfile of BuildKit's repo. */
const OWN_FOLDERS = ['run/user/1000', 'home/user/.local/tmp', 'home/user/.local/share/buildkit']

/**
 * @param host of the registry, which asks for no password
 * @returns the image's reference by digest
 */
export async function pushRootlessBuildKit(host: string, log: (line: string) => void): Promise<string> {
  const programs = await makeBuildKit(log, new AbortController().signal)
  const files = [import.meta.filename, join(ROOTLESS, 'go.mod'), join(ROOTLESS, 'go.sum'), join(HERE, 'go.mod')]
  const recipe = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const folder = await builtOnce('the image of BuildKit', recipe, (draft) => build(draft, programs), log)
  const digest = await readFile(join(folder, 'digest'), 'utf8')
  const content = await openAsBlob(join(folder, 'layer.tar'))
  return await pushLayer(host, 'buildkit', { content, digest }, '/usr/bin/buildctl-daemonless.sh')
}

async function build(folder: string, programs: string): Promise<void> {
  const signal = new AbortController().signal
  const root = join(folder, 'root')
  const bin = join(root, 'usr/bin')
  await mkdir(root)
  await unpackPackages(root, { packages: ['busybox', 'runc', 'uidmap', 'libcap2-bin'] }, signal)
  await mkdir(join(root, 'bin'), { recursive: true })
  for (const applet of [...APPLETS, ...MORE_APPLETS]) await symlink('/bin/busybox', join(root, 'bin', applet))
  await mkdir(bin, { recursive: true })
  await goBuild(ROOTLESS, '-s -w', ['-o', `${bin}/`, 'tool'], signal, () => {})
  for (const program of ['buildkitd', 'buildctl']) await copyFile(join(programs, program), join(bin, program))
  const module = (
    await go(HERE, ['list', '-m', '-mod=readonly', '-f', '{{.Dir}}', 'github.com/moby/buildkit'], signal)
  ).trim()
  const daemonless = join(bin, 'buildctl-daemonless.sh')
  await copyFile(join(module, 'examples/buildctl-daemonless/buildctl-daemonless.sh'), daemonless)
  await chmod(daemonless, 0o755)
  await mkdir(join(root, 'etc'), { recursive: true })
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nuser:x:1000:\n')
  for (const file of ['subuid', 'subgid']) await writeFile(join(root, 'etc', file), 'user:100000:65536\n')
  for (const path of ['tmp', ...OWN_FOLDERS]) {
    await mkdir(join(root, path), { recursive: true })
    await chmod(join(root, path), 0o1777)
  }
  // Debian's are set-uid root, and would need CAP_SYS_ADMIN so: of one capability each, as where shadow has file caps.
  for (const [program, capability] of Object.entries({ newuidmap: 'cap_setuid', newgidmap: 'cap_setgid' })) {
    await chmod(join(bin, program), 0o755)
    const args = [root, '/sbin/setcap', `${capability}+ep`, `/usr/bin/${program}`]
    await runTool({ command: 'chroot', args, cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, signal })
  }
  const sameAlways = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
  const env = { PATH: process.env.PATH ?? '' }
  const args = [...sameAlways, '--xattrs', '--xattrs-include=security.capability', '-cf', '../layer.tar', '.']
  await runTool({ command: 'tar', args, cwd: root, env, timeoutMs: TAR_TIMEOUT_MS, signal })
  await rm(root, { recursive: true })
  const hash = createHash('sha256')
  await pipeline(createReadStream(join(folder, 'layer.tar')), hash)
  await writeFile(join(folder, 'digest'), `sha256:${hash.digest('hex')}`)
}
