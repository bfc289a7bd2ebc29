/** What a build sees of this machine's processes and of the stores beside its own. */
import { isRoot, type Store } from './buildah-store.ts'
import { answerOf } from './tool-version.ts'

/** unshare(1): whatever a RUN step left in the background dies with buildah. */
const OWN_PROCESSES = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']

/** mount(8), in the mount namespace that comes with --mount-proc: an empty folder over the cache, and the one store in it. */
const ONE_STORE = [
  'here=$PWD cache=$1 store=$2',
  'shift 2',
  'cd "$store"',
  'mount -t tmpfs tmpfs "$cache"',
  'mkdir -p "$store"',
  'mount --no-canonicalize --bind . "$store"',
  'cd "$here"',
  'exec "$@"',
].join(' && ')

/** What comes before the buildah that builds in a store of this cache. */
export type Wrapper = (cacheDir: string, store: Pick<Store, 'path' | 'flags'>) => readonly string[]

/** Without root buildah's own `unshare` comes first: only in a user namespace may it make others. */
const wrapper: Wrapper = (cacheDir, { path, flags }) => {
  const asRoot = isRoot() ? [] : ['buildah', ...flags, 'unshare']
  return [...asRoot, ...OWN_PROCESSES, 'sh', '-c', ONE_STORE, 'sh', cacheDir, path]
}

/** @returns null where this machine allows no such namespaces */
export async function wrapperOf(path: string, workDir: string): Promise<Wrapper | null> {
  const [command = '', ...args] = [...wrapper(workDir, { path: workDir, flags: [] }), 'buildah', '--version']
  return (await answerOf(command, args, { PATH: path }, workDir)) === null ? null : wrapper
}
