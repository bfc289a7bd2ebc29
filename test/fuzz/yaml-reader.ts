/** kubectl's own reader of YAML, built by Go, as a process that answers claims about what YAML is. */
import { spawn, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type Json, jsonTextOf } from '../../src/manifests/json.ts'
import { builtOnce, goBuild } from '../cluster/built-once.ts'

const MODULE = join(import.meta.dirname, '../cluster')

const AnswerSchema = z.object({
  same: z.boolean(),
  objects: z.array(z.unknown()).optional(),
  error: z.string().optional(),
})

/** `same`: it is read as claimed; otherwise what it is read as, or why it is not read at all. */
type Answer = z.infer<typeof AnswerSchema>

export interface YamlReader {
  /** Whether kubectl reads these objects from the text. */
  ask(yaml: string, objects: readonly Json[]): Promise<Answer>
  close(): void
}

/** Why tests with it are skipped, '' where they run; in CI they always run, and fail without Go. */
export const skipReason =
  process.env.CI === 'true' || spawnSync('go', ['version']).status === 0 ? '' : ' (skipped: no Go)'

/** @throws {ToolMissing} Go is not on the PATH @throws {ToolFailed} with Go's own words */
export async function startYamlReader(log: (line: string) => void, signal: AbortSignal): Promise<YamlReader> {
  const recipe = ['go.mod', 'go.sum', 'yaml-reader/main.go'].map((file) => readFile(join(MODULE, file), 'utf8'))
  const build = (folder: string) => goBuild(MODULE, '-s -w', ['-o', `${folder}/`, './yaml-reader'], signal, log)
  const folder = await builtOnce("kubectl's reader of YAML", await Promise.all(recipe), build, log)

  const child = spawn(join(folder, 'yaml-reader'), { stdio: ['pipe', 'pipe', 'inherit'], env: {} })
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.shift()?.resolve(AnswerSchema.parse(JSON.parse(line)))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the reader of YAML ended with ${code}`))
  })
  return {
    ask: (yaml, objects) => {
      child.stdin.write(`{"yaml":${JSON.stringify(yaml)},"objects":${jsonTextOf(objects)}}\n`)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    close: () => child.stdin.end(),
  }
}
