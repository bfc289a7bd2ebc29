import { execFile, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** The GitOps branch at one commit: path -> id of its blob, for everything below `previews/`. */
export interface Tip {
  readonly commit: string
  readonly blobs: ReadonlyMap<string, string>
}

/** A bare copy of one branch of the GitOps repo, kept by the git command line, as Argo CD's repo-server keeps one. */
export class GitOpsMirror {
  readonly #directory: string
  readonly #branch: string
  readonly #env: Record<string, string>
  readonly #texts = new Map<string, string>()

  private constructor(directory: string, branch: string, env: Record<string, string>) {
    this.#directory = directory
    this.#branch = branch
    this.#env = env
  }

  static async create(directory: string, gitUrl: string, branch: string, credentials: Credentials | null) {
    await mkdir(directory, { recursive: true })
    const mirror = new GitOpsMirror(directory, branch, {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: path.dirname(directory),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      ...(credentials !== null && {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.extraHeader',
        GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`,
      }),
    })
    await mirror.#git(['init', '--quiet', '--bare'])
    await mirror.#git(['remote', 'add', 'origin', gitUrl])
    return mirror
  }

  /** The branch as it is now. @throws where it can't be fetched, with git's own words */
  async tip(signal: AbortSignal): Promise<Tip> {
    const ref = `refs/heads/${this.#branch}`
    await this.#git(['fetch', '--quiet', '--no-tags', 'origin', `+${ref}:${ref}`], signal)
    const commit = (await this.#git(['rev-parse', ref], signal)).trim()
    const listing = await this.#git(['ls-tree', '-r', '-z', commit, '--', 'previews/'], signal)
    const blobs = new Map<string, string>()
    for (const entry of listing.split('\0')) {
      const [, blob, file] = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? []
      if (blob !== undefined && file !== undefined) blobs.set(file, blob)
    }
    await this.#load([...new Set(blobs.values())].filter((blob) => !this.#texts.has(blob)))
    return { commit, blobs }
  }

  /** A file's text at a tip that was read. */
  text(tip: Tip, file: string): string {
    const text = this.#texts.get(tip.blobs.get(file) ?? '')
    if (text === undefined) throw new Error(`${file} is not in ${tip.commit}`)
    return text
  }

  async #load(blobs: readonly string[]): Promise<void> {
    if (blobs.length === 0) return
    const output = await this.#catFiles(blobs)
    let at = 0
    for (const blob of blobs) {
      const lineEnd = output.indexOf(0x0a, at)
      const size = Number(output.subarray(at, lineEnd).toString().split(' ')[2])
      this.#texts.set(blob, output.subarray(lineEnd + 1, lineEnd + 1 + size).toString('utf8'))
      at = lineEnd + 1 + size + 1
    }
  }

  #catFiles(blobs: readonly string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const child = spawn('git', ['cat-file', '--batch'], { cwd: this.#directory, env: this.#env })
      const chunks: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
      child.on('error', reject)
      child.on('close', (code) =>
        code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`git cat-file ended with ${code}`)),
      )
      child.stdin.end(`${blobs.join('\n')}\n`)
    })
  }

  async #git(args: readonly string[], signal?: AbortSignal): Promise<string> {
    const options = { cwd: this.#directory, env: this.#env, maxBuffer: 256 * 1024 * 1024 }
    const { stdout } = await run('git', args, signal === undefined ? options : { ...options, signal })
    return stdout
  }
}
