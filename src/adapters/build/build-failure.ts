/** What it means that a tool could not build an image. */
import { Terminal } from '../../domain/errors.ts'
import { ToolCapped, ToolFailed, ToolTimedOut } from '../child-process.ts'
import { instructionAt, lineOf } from './dockerfile-lines.ts'
import type { Source } from './source.ts'
import { isPlatformTrouble, lastWordsOf, withoutMiddle } from './tool-trouble.ts'

/** Of what the author wrote or the tool said, in the sentence that is told. */
const INSTRUCTION_MAX_CHARACTERS = 200
const REASON_MAX_CHARACTERS = 400

/** Where a tool says that it gave up. */
interface Verdict {
  /** The tool's own reason. */
  readonly reason: string
  /** The instruction, in one of its wordings, the best first. */
  readonly instructions: readonly string[]
  readonly line: number | null
  /** The reason is what a step of the Dockerfile did, whatever it sounds like. */
  readonly isStep: boolean
}

/**
 * @param verdictOf reads what this tool writes
 * @param folders whose paths mean nothing to the author, in what the tool says of files in them
 * @returns Terminal (author) with file, line and instruction where the Dockerfile is at fault; an Error for the
 *   platform's trouble; anything that no tool said as it is
 */
export function buildFailureOf(
  error: unknown,
  source: Source,
  verdictOf: (failed: ToolFailed) => Verdict,
  folders: readonly string[] = [],
): unknown {
  const { name, text } = source.dockerfile
  if (error instanceof ToolTimedOut) {
    return new Terminal(`the build of ${name} took too long: ${error.message}`, { details: error.tail, cause: error })
  }
  if (error instanceof ToolCapped) {
    return new Terminal(`the build of ${name} was stopped: ${error.message}`, { details: error.tail, cause: error })
  }
  if (!(error instanceof ToolFailed)) return error
  if (error.killedBy !== null) return new Error(`the build was ended by ${error.killedBy}`, { cause: error })
  const verdict = verdictOf(error)
  if (!verdict.isStep && isPlatformTrouble(verdict.reason)) {
    return new Error(`the image could not be built: ${reasonOf(verdict.reason)}`, { cause: error })
  }
  const line = verdict.line ?? firstOf(verdict.instructions.map((instruction) => lineOf(text, instruction)))
  const instruction = (line === null ? null : instructionAt(text, line)) ?? verdict.instructions[0]
  const told = instruction === undefined ? '' : `: ${withoutMiddle(instruction, INSTRUCTION_MAX_CHARACTERS)}`
  const where = `${name}${line === null ? '' : `:${line}`}${told}`
  const reason = [source.context, ...folders].reduce(
    (words, folder) => words.replaceAll(`${folder}/`, '').replaceAll(folder, '.'),
    verdict.reason,
  )
  return new Terminal(`${where}: ${reasonOf(reason)}`, { details: error.tail, cause: error })
}

const reasonOf = (words: string): string => withoutMiddle(words, REASON_MAX_CHARACTERS)

const firstOf = (lines: readonly (number | null)[]): number | null => lines.find((line) => line !== null) ?? null

const isText = (text: string | undefined): text is string => text !== undefined && text !== ''

/**
 * buildah: `Error: building at STEP "COPY a /a": reason`, where the step is worded with its variables filled in, after
 * `STEP 2/3: COPY $A /a` as it stands in the file.
 */
export function buildahVerdictOf(failed: ToolFailed): Verdict {
  const words = lastWordsOf(failed)
  const [, step, reason = words] = /building at STEP "(.*?)": (.*)$/s.exec(words) ?? []
  const [, original] = /Original:"(.*?)", /.exec(reason) ?? []
  const last = failed.stdout.match(/^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: .*$/gm)?.at(-1)
  const isStep = /^exit status \d+/.test(reason)
  const plain = reason
    .replace(/ &imagebuilder\.Step\{.*$/, '')
    .replace(/^Build error: /, '')
    .replace(/^exit status/, 'failed with exit status')
  const lastStep = last?.replace(/^.*?STEP \d+\/\d+: /, '')
  const instructions = [original, step?.replaceAll('\\"', '"'), step === undefined ? undefined : lastStep]
  return { reason: plain, instructions: instructions.filter(isText), line: null, isStep }
}

/**
 * docker. BuildKit: `Dockerfile:3` above the excerpt, ` > [2/2] RUN make:` above the step's output,
 * `dockerfile parse error on line 2: reason`. Without BuildKit: `Step 2/3 : RUN make` and the daemon's reason.
 */
export function dockerVerdictOf(failed: ToolFailed): Verdict {
  const words = lastWordsOf(failed)
  const [, parsedLine, parsedReason] = /dockerfile parse error (?:on )?line (\d+): (.*)$/.exec(words) ?? []
  if (parsedLine !== undefined && parsedReason !== undefined) {
    return { reason: parsedReason, instructions: [], line: Number(parsedLine), isStep: true }
  }
  const excerpt = failed.stderr.match(/^\S+:(\d+)\n-{10,}\n/gm)?.at(-1)
  const [, line] = /:(\d+)\n/.exec(excerpt ?? '') ?? []
  const [, buildkit] = /^ > \[(?:\S+ )?\d+\/\d+\] (.*):$/m.exec(failed.stderr) ?? []
  const legacy = failed.stdout.match(/^Step \d+\/\d+ : .*$/gm)?.at(-1)
  const instructions = [buildkit, legacy?.replace(/^Step \d+\/\d+ : /, '')].filter(isText)
  const isStep = /did not complete successfully|returned a non-zero code|executor failed running/.test(words)
  const reason = words.replace(/^failed to solve(?: with frontend \S+)?: /, '')
  return { reason, instructions, line: line === undefined ? null : Number(line), isStep }
}
