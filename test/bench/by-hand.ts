/** The other side: a shell script, waiting for the numbers of pull requests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { findKustomize } from '../../src/adapters/kustomize/find-kustomize.ts'
import { git, gitEnv } from '../servers/git-cli.ts'
import { askAsApp } from '../servers/github/ask.ts'
import { type Doubles, REPOSITORY } from './doubles.ts'

const PreviewedSchema = z.object({
  pull: z.int(),
  committedAtMs: z.number(),
  steps: z.record(z.string(), z.number()),
})
/** What the script says of one preview; steps in milliseconds. */
export type Previewed = z.output<typeof PreviewedSchema>

export interface ByHand {
  /** Previews these pull requests, one after the other. */
  preview(pulls: readonly number[]): Promise<readonly Previewed[]>
  close(): Promise<void>
}

const KubeconfigSchema = z.object({ users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]) })

/** Starts the script with what a person would have at hand: a token of the App, a clone, an account in the cluster. */
export async function startByHand({ github, git: server, argocd, gitCredentials, dir }: Doubles): Promise<ByHand> {
  const clone = join(dir, 'clone')
  const work = join(dir, 'work')
  await mkdir(work)
  const basic = Buffer.from(`${gitCredentials.username}:${gitCredentials.password}`).toString('base64')
  const env = {
    ...gitEnv(dir),
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    // A clone as young as this one needs no housekeeping, and would do it beside the commits (git-config, gc.auto).
    GIT_CONFIG_KEY_1: 'gc.auto',
    GIT_CONFIG_VALUE_1: '0',
  }
  await git(['clone', '--quiet', server.url('gitops'), clone], { cwd: dir, env })
  const { users } = KubeconfigSchema.parse(JSON.parse(await readFile(argocd.kubeconfigPath, 'utf8')))
  const script = spawn('bash', ['test/bench/by-hand.sh'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...env,
      GITHUB_API: github.apiUrl,
      GITHUB_TOKEN: await installationToken(github),
      REPOSITORY,
      KUBE_API: argocd.apiUrl,
      KUBE_TOKEN: users[0].user.token,
      PREVIEW_ADDRESS: argocd.previewAddress,
      CLONE: clone,
      KUSTOMIZE: await kustomizeCommand(),
      WORK: work,
    },
  })
  const lines = createInterface({ input: script.stdout })[Symbol.asyncIterator]()
  return {
    async preview(pulls) {
      script.stdin.write(pulls.map((pull) => `${pull}\n`).join(''))
      const previewed: Previewed[] = []
      for (const pull of pulls) {
        const { done, value } = await lines.next()
        if (done === true) throw new Error(`the script ended before it had previewed #${pull}`)
        previewed.push(PreviewedSchema.parse(JSON.parse(value)))
      }
      return previewed
    },
    async close() {
      if (script.exitCode !== null) return
      const exited = once(script, 'exit')
      script.kill()
      await exited
    },
  }
}

/** What a person would have made: a token of the App's installation. */
export async function installationToken(github: Doubles['github']): Promise<string> {
  const ask = askAsApp(github)
  const { body: installation } = await ask('GET', `/repos/${REPOSITORY}/installation`)
  const { body } = await ask('POST', `/app/installations/${String(installation.id)}/access_tokens`)
  return z.string().parse(body.token)
}

/** The same tool that WeStage takes. */
export async function kustomizeCommand(): Promise<string> {
  const settings = { folders: [], timeoutMs: 15_000, maxMemoryMb: 1024, maxOutputBytes: 1_000_000 }
  const { version } = await findKustomize({ ...settings, path: process.env.PATH ?? '' }, new AbortController().signal)
  return version.startsWith('kubectl') ? 'kubectl kustomize' : 'kustomize build'
}
