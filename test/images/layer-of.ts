/** What a service image holds, all of it in one layer: kept in the user's cache once it was made. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, chmod, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runTool } from '../../src/adapters/child-process.ts'
import { builtOnce } from '../cluster/built-once.ts'
import { unpackPackages } from './debian-packages.ts'
import type { ServiceImage } from './service-images.ts'

const HERE = import.meta.dirname
const MVN_TIMEOUT_MS = 600_000
const TAR_TIMEOUT_MS = 120_000
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

/**
 * @returns where the layer is, a tar, and its digest
 * @throws {ToolMissing} {ToolFailed} with the words of apt, Maven or tar
 */
export async function layerOf(
  image: ServiceImage,
  log: (line: string) => void,
): Promise<{ readonly path: string; readonly digest: string }> {
  const source = join(HERE, image.folder)
  const files = [import.meta.filename, join(HERE, 'debian-packages.ts')]
  for (const file of (await readdir(source)).sort()) files.push(join(source, file))
  const described = JSON.stringify({ ...image, without: image.without?.source })
  const recipe = [described, ...(await Promise.all(files.map((file) => readFile(file, 'utf8'))))]
  const folder = await builtOnce(`the image ${image.folder}`, recipe, (draft) => build(image, source, draft), log)
  return { path: join(folder, 'layer.tar'), digest: await readFile(join(folder, 'digest'), 'utf8') }
}

async function build(image: ServiceImage, source: string, folder: string): Promise<void> {
  const signal = new AbortController().signal
  const root = join(folder, 'root')
  await mkdir(root)
  await unpackPackages(root, image, signal)
  const applets = Object.fromEntries(image.applets.map((applet) => [applet, '/bin/busybox']))
  for (const [name, program] of Object.entries({ ...applets, ...image.links })) {
    await symlink(program, join(root, 'bin', name))
  }
  await mkdir(join(root, 'etc'), { recursive: true })
  for (const [name, [uid, gid]] of Object.entries({ root: [0, 0] as const, ...image.users })) {
    await appendFile(join(root, 'etc/passwd'), `${name}:x:${uid}:${gid}::/:/bin/sh\n`)
    await appendFile(join(root, 'etc/group'), `${name}:x:${gid}:\n`)
  }
  for (const path of ['tmp', ...image.writable]) {
    await mkdir(join(root, path), { recursive: true })
    await chmod(join(root, path), 0o1777)
  }
  await copyFile(join(source, 'entrypoint'), join(root, 'entrypoint'))
  if ((await readdir(source)).includes('pom.xml')) await copyJars(source, join(root, 'opt/lib'), signal)
  const leftOut = image.leftOut.map((pattern) => `--exclude=./${pattern}`)
  const sameAlways = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
  const args = [...sameAlways, ...leftOut, '-cf', '../layer.tar', '.']
  const env = { PATH: process.env.PATH ?? '' }
  await runTool({ command: 'tar', args, cwd: root, env, timeoutMs: TAR_TIMEOUT_MS, signal })
  await rm(root, { recursive: true })
  const hash = createHash('sha256')
  await pipeline(createReadStream(join(folder, 'layer.tar')), hash)
  await writeFile(join(folder, 'digest'), `sha256:${hash.digest('hex')}`)
}

async function copyJars(module: string, to: string, signal: AbortSignal): Promise<void> {
  const args = ['-q', '-B', COPY_JARS, `-DoutputDirectory=${to}`]
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: homedir() }
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (/^(JAVA_HOME|MAVEN_[A-Z_]*|https?_proxy|no_proxy)$/i.test(name)) env[name] = value
  }
  await mkdir(dirname(to), { recursive: true })
  await runTool({ command: 'mvn', args, cwd: module, env, timeoutMs: MVN_TIMEOUT_MS, signal })
}
