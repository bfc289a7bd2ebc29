/** This project's image as `westage worker` needs it, of this machine's node and kustomize: no registry is asked. */
import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { commandPathOf, runTool } from '../../src/adapters/child-process.ts'
import { copyPrograms } from '../adapters/build/repo-on-disk.ts'
import { builtCommand } from '../cli/built-command.ts'
import { digestOf, pushLayer } from '../images/push-layer.ts'
import { oncePerRun } from '../run-folder.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TIMEOUT_MS = 120_000

/** @returns its reference by digest, the same in every registry of a run */
export async function pushWestage(host: string): Promise<string> {
  const layer = await readFile(join(await oncePerRun('westage-layer', makeLayer), LAYER))
  const content = new Blob([new Uint8Array(layer)])
  return await pushLayer(host, 'westage', { content, digest: digestOf(layer) }, '/usr/bin/westage')
}

const LAYER = 'layer.tar'

/** A node that has pulled it once has it for all that push it: test files of a run ask for it at the same time. */
async function makeLayer(folder: string): Promise<void> {
  const path = process.env.PATH ?? ''
  const run = async (command: string, args: readonly string[], cwd: string) =>
    (
      await runTool({
        command,
        args,
        cwd,
        env: { PATH: path },
        timeoutMs: TIMEOUT_MS,
        signal: new AbortController().signal,
      })
    ).stdout
  const image = join(folder, 'image')
  const { bin } = await builtCommand()
  const kustomize = (await commandPathOf('kustomize', path)) ?? (await commandPathOf('kubectl', path))
  if (kustomize === null) throw new Error('neither kustomize nor kubectl is here')
  await copyPrograms(image, ['/usr/bin/env', '/bin/sh', '/bin/sleep', process.execPath])
  // A static program, which ldd says nothing of.
  await mkdir(join(image, 'usr/local/bin'), { recursive: true })
  await cp(kustomize, join(image, 'usr/bin', kustomize.endsWith('kubectl') ? 'kubectl' : 'kustomize'), {
    dereference: true,
  })
  if (dirname(process.execPath) !== '/usr/bin') await symlink(process.execPath, join(image, 'usr/bin/node'))
  const app = join(image, 'opt/westage')
  const installed = dirname(dirname(dirname(bin)))
  await cp(join(installed, 'dist'), join(app, 'dist'), { recursive: true })
  await cp(join(installed, 'package.json'), join(app, 'package.json'))
  const listed = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], ROOT)
  for (const module of listed.split('\n').slice(1).filter(Boolean)) {
    await cp(module, join(app, relative(ROOT, module)), { recursive: true, dereference: true })
  }
  await run('chmod', ['755', join(app, 'dist/cli/westage.js')], '/')
  await symlink('/opt/westage/dist/cli/westage.js', join(image, 'usr/bin/westage'))
  await run('tar', ['--owner=0', '--group=0', '-cf', join(folder, LAYER), '-C', image, '.'], '/')
  await rm(image, { recursive: true })
}
