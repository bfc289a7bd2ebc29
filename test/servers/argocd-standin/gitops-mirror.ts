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
  readonly #gitUrl: string
  readonly #ref: string
  readonly #authorization: string | null
  readonly #env: Record<string, string>
  readonly #texts = new Map<string, string>()
  #last: Tip | null = null

  private constructor(directory: string, gitUrl: string, branch: string, credentials: Credentials | null) {
    this.#directory = directory
    this.#gitUrl = gitUrl
    this.#ref = `refs/heads/${branch}`
    this.#authorization =
      credentials === null
        ? null
        : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    this.#env = {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: path.dirname(directory),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      ...(this.#authorization !== null && {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.extraHeader',
        GIT_CONFIG_VALUE_0: `Authorization: ${this.#authorization}`,
      }),
    }
  }

  static async create(directory: string, gitUrl: string, branch: string, credentials: Credentials | null) {
    await mkdir(directory, { recursive: true })
    const mirror = new GitOpsMirror(directory, gitUrl, branch, credentials)
    await mirror.#git(['init', '--quiet', '--bare'])
    await mirror.#git(['remote', 'add', 'origin', gitUrl])
    return mirror
  }

  /** The branch as it is now, the same object while it is the same. @throws where it can't be asked for or fetched */
  async tip(signal: AbortSignal): Promise<Tip> {
    const advertised = await this.#advertised(signal)
    if (this.#last !== null && this.#last.commit === advertised) return this.#last
    await this.#git(['fetch', '--quiet', '--no-tags', 'origin', `+${this.#ref}:${this.#ref}`], signal)
    const commit = (await this.#git(['rev-parse', this.#ref], signal)).trim()
    if (this.#last?.commit !== commit) this.#last = await this.#read(commit, signal)
    return this.#last
  }

  /**
   * The commit that the server has the branch at (git documentation, gitprotocol-http, "Smart Clients"), null where there
   * is no server to ask. Without git: many look several times a second, and to start a program costs each of them more.
   */
  async #advertised(signal: AbortSignal): Promise<string | null> {
    if (!/^https?:/.test(this.#gitUrl)) return null
    const headers: Record<string, string> = this.#authorization === null ? {} : { authorization: this.#authorization }
    const response = await fetch(`${this.#gitUrl}/info/refs?service=git-upload-pack`, { headers, signal })
    const text = await response.text()
    if (!response.ok) throw new Error(`${this.#gitUrl} answered ${response.status}: ${text}`)
    const refs = [...text.matchAll(/([0-9a-f]{40}) ([^\s\0]+)/g)]
    return refs.find(([, , ref]) => ref === this.#ref)?.[1] ?? null
  }

  async #read(commit: string, signal: AbortSignal): Promise<Tip> {
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
