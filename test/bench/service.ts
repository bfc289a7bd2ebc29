/** The service in a process of its own, by the very command that operators run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseRun, stepsOf } from '../../src/adapters/runs/run-entries.ts'
import type { StepRecord } from '../../src/domain/step.ts'
import type { ArgoCdSide } from '../servers/instance.ts'
import type { Doubles } from './doubles.ts'

export interface BenchedService {
  /** The steps of every run so far, by head SHA. */
  runs(): Promise<ReadonlyMap<string, readonly StepRecord[]>>
  /** The last lines of its log. */
  tail(): string
  close(): Promise<void>
}

const START_MAX_MS = 60_000
const STOP_MAX_MS = 30_000

/**
 * Starts `westage serve` between the doubles, and waits until it is ready.
 * @param images what westage.yaml says of how images are made
 */
export async function startBenchedService(
  { github, git, argocd, gitCredentials, dir }: Doubles<ArgoCdSide>,
  images: Readonly<Record<string, unknown>> = { builder: 'none' },
): Promise<BenchedService> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const dataDir = join(dir, 'data')
  const configPath = join(dir, 'westage.yaml')
  const logPath = join(dir, 'service.log')
  const settings = {
    publicUrl: url,
    listen: { host: '127.0.0.1', port },
    dataDir,
    // GitHub's double has no secondary limits, which are what this setting keeps an instance below.
    github: { apiUrl: github.apiUrl, appId: github.appId, writesPerMinute: 100_000 },
    // Nor does the git server of the tests mind how often it is pushed to: what is measured is the way of one preview.
    gitops: { url: git.url('gitops'), auth: 'token', pushes: { perMinute: 100_000, burst: 1000 } },
    hosts: {
      scheme: 'http',
      port: Number(argocd.previewAddress.split(':')[1]),
      resolver: { address: argocd.previewAddress },
    },
    ...argocd.settings,
    argocd: { kubeconfig: argocd.kubeconfigPath, ...(argocd.settings?.argocd as object | undefined) },
    ...images,
  }
  // JSON is YAML (YAML 1.2, "Relation to JSON").
  writeFileSync(configPath, JSON.stringify(settings))
  const log = openSync(logPath, 'a')
  const args = ['--import', 'tsx', 'src/cli/westage.ts', 'serve', '--config', configPath]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH ?? '',
      WESTAGE_GITHUB_PRIVATE_KEY: github.privateKey,
      WESTAGE_WEBHOOK_SECRET: github.webhookSecret,
      WESTAGE_GITOPS_TOKEN: gitCredentials.password,
      ...argocd.secrets,
    },
  })
  const tail = () => readFileSync(logPath, 'utf8').split('\n').slice(-20).join('\n')
  await ready(`${url}/readyz`, child, tail)
  github.sendWebhooksTo(`${url}/webhook`)

  return {
    tail,
    async runs() {
      const files = await readdir(join(dataDir, 'runs'))
      const texts = await Promise.all(files.map((file) => readFile(join(dataDir, 'runs', file), 'utf8')))
      return new Map(
        texts.flatMap((text) => {
          const run = parseRun(text)
          return run === null ? [] : [[run.about.sha, stepsOf(run.entries)] as const]
        }),
      )
    },
    async close() {
      github.sendWebhooksTo(null)
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

async function ready(url: string, child: ChildProcess, tail: () => string): Promise<void> {
  const deadlineMs = Date.now() + START_MAX_MS
  for (;;) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      child.kill('SIGKILL')
      throw new Error(`the service did not start:\n${tail()}`)
    }
    await delay(50)
  }
}

/** The service must know its public address before it listens there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
