/** Secrets that steps of a Dockerfile are given (RUN --mount=type=secret), and that no log has. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import { ToolCapped, ToolFailed, ToolOutOfMemory, ToolOutputTooLarge, ToolTimedOut } from '../child-process.ts'
import { redactorOf } from '../runs/redact.ts'
import type { WorkFolder } from './work-folder.ts'

export interface BuildSecrets extends HiddenTexts {
  /** `--secret` for each, as docker and buildctl take it. */
  readonly flags: readonly string[]
}

interface HiddenTexts {
  /** A line of the tool's, without them. */
  readonly hide: (line: string) => string
  /** What a tool's run failed with, without them. */
  readonly hideIn: (error: unknown) => unknown
}

export interface ReadSecrets extends HiddenTexts {
  /** name -> content */
  readonly contents: ReadonlyMap<string, Buffer>
}

/**
 * Reads them now, so that a file that was renewed counts at the next build.
 * @param files name -> file
 * @throws {Terminal} (operator) one can't be read
 */
export async function readBuildSecrets(files: Readonly<Record<string, string>>): Promise<ReadSecrets> {
  const contents = new Map<string, Buffer>()
  for (const [name, file] of Object.entries(files)) {
    const bytes = await readFile(file).catch((cause) => {
      throw new Terminal(`the build secret ${name} can't be read: ${cause.message}`, { whose: 'operator', cause })
    })
    contents.set(name, bytes)
  }
  const { redact } = redactorOf([...contents.values()].map((bytes) => bytes.toString('utf8')))
  const hide = contents.size === 0 ? (line: string) => line : redact
  return { contents, hide, hideIn: (error) => withHidden(error, hide) }
}

/** The same, copied into the work folder: what is hidden is what is given. */
export async function buildSecretsIn(
  { path }: WorkFolder,
  files: Readonly<Record<string, string>>,
): Promise<BuildSecrets> {
  const folder = join(path, 'secrets')
  await mkdir(folder, { mode: 0o700 })
  const { contents, hide, hideIn } = await readBuildSecrets(files)
  for (const [name, bytes] of contents) await writeFile(join(folder, name), bytes, { mode: 0o600 })
  const flags = [...contents.keys()].flatMap((name) => ['--secret', `id=${name},src=${join(folder, name)}`])
  return { flags, hide, hideIn }
}

function withHidden(error: unknown, hide: (line: string) => string): unknown {
  const text = (lines: string) => lines.split('\n').map(hide).join('\n')
  if (error instanceof ToolFailed) {
    const { command, code, killedBy, stdout, stderr, tail } = error
    return new ToolFailed(command, code, killedBy, text(stdout), text(stderr), tail.map(hide))
  }
  if (!(error instanceof ToolCapped)) return error
  for (const Capped of [ToolTimedOut, ToolOutputTooLarge, ToolOutOfMemory]) {
    if (error instanceof Capped) return new Capped(error.message, error.tail.map(hide))
  }
  return error
}
