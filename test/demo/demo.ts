/**
 * `npm run demo`: WeStage with all that it needs, on this machine and without credentials. WeStage runs as `westage
 * serve` runs it; what is around it are doubles and real servers on loopback.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { act } from './actions.ts'
import { faultOfLive } from './expectations.ts'
import { runOnce } from './once.ts'
import { optionsIn } from './options.ts'
import { pagesOf } from './pages.ts'
import { startWorld, type World } from './start-world.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { Missed, until } from './until.ts'

const FIRST_LIVE_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 10_000
/** Argo CD removes what it applied before it goes itself. */
const CLUSTER_STOP_DEADLINE_MS = 60_000
const LOG_TAIL = 30
const SAME_SIGNAL_MS = 1_000

/** Errors whose message says what the person has to do. */
const SAID = ['Unusable', 'KustomizeMissing']

async function run(terminal: Terminal): Promise<number> {
  const options = optionsIn(process.argv.slice(2))
  if (typeof options === 'string') {
    terminal.say(options)
    return 1
  }
  const dir = await mkdtemp(join(tmpdir(), 'westage-demo-'))
  // Whatever is started below puts its temporary files here, and they go with it.
  process.env.TMPDIR = dir
  const logFile = join(dir, 'westage.log')
  const stopping = stopSignal()
  const progress = (text: string) => {
    stopping.throwIfAborted()
    terminal.progress(text)
  }
  let world: World | null = null
  try {
    world = await startWorld({ ...options, dir, logFile, progress, signal: stopping })
    introduce(terminal, world, logFile)
    if (options.isOnce) await runOnce(world, terminal, stopping)
    else await show(world, terminal, stopping)
    return 0
  } catch (error) {
    terminal.progress('')
    if (stopping.aborted) return options.isOnce ? 1 : 0
    await explain(terminal, error, logFile)
    return 1
  } finally {
    const isCluster = world?.argocd.kind === 'cluster'
    terminal.progress(isCluster ? 'removing everything from the cluster' : '')
    const late = setTimeout(
      () => {
        terminal.say('Not everything stopped in time.')
        process.exit(1)
      },
      isCluster ? CLUSTER_STOP_DEADLINE_MS : STOP_DEADLINE_MS,
    ).unref()
    await world?.close()
    await removeAll(dir)
    clearTimeout(late)
    terminal.progress('')
  }
}

/** Labels the first pull request, and has the page up until it is stopped. */
async function show(world: World, terminal: Terminal, stopping: AbortSignal): Promise<void> {
  const ends = new AbortController()
  const stopped = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve(), { once: true }))
  world.site.servePages(pagesOf(world, ends.signal).fetch)
  try {
    await act(world, 'label', 1)
    const live = async () => {
      const fault = await faultOfLive(world, 1)
      if (fault !== null) terminal.progress(`the first preview, of pull request #1: ${fault}`)
      return fault
    }
    const outcome = await until('the first preview', FIRST_LIVE_DEADLINE_MS, live, stopping).then(
      () => 'The first preview is live.',
      (error: unknown) => {
        // What a cluster of the person's own makes of the sample is for them to see.
        if (error instanceof Missed && world.argocd.kind === 'kubeconfig')
          return `The first preview is not live: ${error.message}.`
        throw error
      },
    )
    terminal.progress('')
    terminal.say(`${terminal.elapsed()}  ${outcome} Open this page; Ctrl-C ends the demo and removes it.`)
    terminal.say(`\n  ${world.site.origin}/\n`)
    await stopped
  } finally {
    ends.abort()
  }
}

function introduce(terminal: Terminal, world: World, logFile: string): void {
  const { tools, argocd, gitopsDir, weHook, configFile } = world
  terminal.progress('')
  const rows = [
    ['Tools', `${tools.git}, ${tools.kustomize}`],
    ['GitHub', 'a double, with the repo acme/shop and three open pull requests'],
    ['Argo CD', argocd.text],
    ...(argocd.url === null ? [] : [['', `its API at ${argocd.url}/api/v1`]]),
    ['Images', imagesText(world)],
    ['GitOps', `git clone ${gitopsDir}`],
    ['WeHook', `${weHook.url}/ takes what Stripe’s double sends; people sign in with ${weHook.tokenFile}`],
    ['Settings', configFile],
    ['Log', logFile],
  ]
  for (const [name = '', text] of rows) terminal.say(`  ${name.padEnd(9)} ${text}`)
  if (argocd.kind === 'kubeconfig') {
    terminal.say(
      `  Argo CD must reach ${world.site.origin}/acme/gitops.git and read it as argocd/applicationset/ does.`,
    )
  }
}

const imagesText = ({ builder, registryName }: World): string =>
  builder.kind === 'none'
    ? `no image builder works here, so the demo goes on with builder none (${builder.without})`
    : `${builder.name} builds, ${registryName} keeps them`

async function explain(terminal: Terminal, error: unknown, logFile: string): Promise<void> {
  const isSaid = error instanceof Missed || (error instanceof Error && SAID.includes(error.name))
  const text = error instanceof Error ? (isSaid ? error.message : (error.stack ?? error.message)) : String(error)
  terminal.say(`${terminal.elapsed()}  ✗   ${text}`)
  if (error instanceof Error && SAID.includes(error.name)) return
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n')
  terminal.say(`The last lines of WeStage's log:\n${lines.slice(-LOG_TAIL).join('\n')}`)
}

/**
 * Aborted by the first Ctrl-C or its like; a later one ends the process at once. What comes right after the first is the
 * same one: a terminal sends it to every process of the command, and npm and tsx pass theirs on.
 */
function stopSignal(): AbortSignal {
  const stopping = new AbortController()
  let firstMs = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted && Date.now() - firstMs > SAME_SIGNAL_MS) process.exit(1)
      if (stopping.signal.aborted) return
      firstMs = Date.now()
      stopping.abort(new Error(`stopped by ${signal}`))
    })
  }
  return stopping.signal
}

/** Without root, buildah leaves files of users that exist only in a user namespace (buildah-unshare(1)). */
async function removeAll(dir: string): Promise<void> {
  const remove = () => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  try {
    await remove()
  } catch {
    const env = { PATH: process.env.PATH ?? '', HOME: dir, TMPDIR: dir }
    await promisify(execFile)('buildah', ['unshare', 'rm', '-rf', dir], { env })
  }
}

const startedAtMs = Date.now() - process.uptime() * 1000
process.exitCode = await run(openTerminal(process.stdout, startedAtMs))
