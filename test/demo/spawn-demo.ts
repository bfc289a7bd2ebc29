/** The demo as a child process, as a person starts it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface RunningDemo {
  /** What it has said so far. */
  output(): string
  /** The page's address, as soon as it is printed. @throws where it ends without one */
  address(): Promise<string>
  /** Its exit code, once it has ended by itself. */
  readonly ended: Promise<number | null>
  /** Ends it as Ctrl-C does; gives its exit code. */
  interrupt(): Promise<number | null>
}

/**
 * @param dir where its temporary folder goes
 * @param path where it looks for tools, this process's PATH unless given
 */
export function spawnDemo(args: readonly string[], dir: string, path = process.env.PATH ?? ''): RunningDemo {
  const command = ['--import', 'tsx', fileURLToPath(new URL('demo.ts', import.meta.url)), ...args]
  const env = { PATH: path, HOME: dir, TMPDIR: dir, TSX_DISABLE_CACHE: '1' }
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const child = spawn(process.execPath, command, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let output = ''
  const heard = new EventTarget()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
      heard.dispatchEvent(new Event('output'))
    })
  }
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    process.off('exit', kill)
    return code ?? null
  })
  return {
    output: () => output,
    ended,
    address: () =>
      new Promise((resolve, reject) => {
        const look = () => {
          const [, url] = /^ {2}(http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(output) ?? []
          if (url !== undefined) resolve(url)
        }
        heard.addEventListener('output', look)
        void ended.then((code) => reject(new Error(`the demo ended with ${code}:\n${output}`)))
        look()
      }),
    async interrupt() {
      child.kill('SIGINT')
      return await ended
    },
  }
}
