/** What it means that buildctl could not have an image built and pushed: the Dockerfile's fault, or buildkitd's trouble. */
import { Terminal } from '../../domain/errors.ts'
import { ToolFailed, ToolTimedOut } from '../child-process.ts'
import { buildFailureOf, dockerVerdictOf } from './build-failure.ts'
import { instructionsOf } from './dockerfile-lines.ts'
import type { Source } from './source.ts'
import { pushFailureOf } from './tool-trouble.ts'

/** Go's crypto/tls and crypto/x509; gRPC says them of its connection. */
const CERTIFICATES =
  /x509: |tls: |remote error: tls|could not (?:read|load|append) .*(?:cert|key)|certificate required/i
const NO_TLS = /server gave HTTP response to HTTPS client|x509: /
/** How a step ended, after the author's own words (BuildKit, solver/llbsolver/ops/exec.go). */
const STEP_ENDED = /^process .* did not complete successfully: (.*)$/s
/** BuildKit, executor/runcexecutor: the kernel ended a step for want of memory. */
const OUT_OF_MEMORY = /^cannot allocate memory/
const FULL_DISK = /no space left on device/i
/** gRPC: buildkitd went away, or never was there. */
const AWAY =
  /^(?:rpc error: code = )?(?:Unavailable|Canceled|DeadlineExceeded)\b|error reading from server|no active session/
/** Solver's words of a Dockerfile that stand beside no excerpt of it. */
const OF_DOCKERFILE =
  /^(?:target stage |the Dockerfile cannot be empty|dockerfile parse error|secret |failed to parse )/
const ENTITLEMENT = /\b(network\.host|security\.insecure|device) is not allowed/

/**
 * @param image that was to be pushed, with its tag
 * @param address of buildkitd
 * @returns Terminal (author) with file, line and instruction where the Dockerfile is at fault; Terminal (operator) where
 *   buildkitd or the registry has to be set up otherwise; an Error for what may pass; anything that no tool said as it is
 */
export function buildkitFailureOf(error: unknown, source: Source, image: string, address: string): unknown {
  if (!(error instanceof ToolFailed) || error.killedBy !== null) return buildFailureOf(error, source, dockerVerdictOf)
  const operator = (message: string) => new Terminal(message, { whose: 'operator', details: error.tail, cause: error })
  const [isSolved, reason = ''] = /^failed to solve: (.*)$/s.exec(wordsOf(error)) ?? []
  if (isSolved === undefined) return unansweredOf(error, address)
  if (reason.startsWith('failed to push ')) return pushFailureOf(error, image)
  if (AWAY.test(reason)) return new Error(`buildkitd broke off the build: ${reason}`, { cause: error })
  const [, end] = STEP_ENDED.exec(reason) ?? []
  if (end !== undefined) return stepFailureOf(error, source, end)
  if (FULL_DISK.test(reason)) return fullDisk(error, reason)
  if (NO_TLS.test(reason)) return operator(`buildkitd does not trust a registry, see its buildkitd.toml: ${reason}`)
  const entitlement = ENTITLEMENT.exec(reason)?.[1]
  if (entitlement !== undefined) return entitlementFailureOf(error, source, entitlement)
  const verdict = dockerVerdictOf(error)
  if (verdict.line === null && verdict.instructions.length === 0 && !OF_DOCKERFILE.test(reason)) {
    return new Error(`the image could not be built: ${reason}`, { cause: error })
  }
  return buildFailureOf(error, source, dockerVerdictOf)
}

function stepFailureOf(error: ToolFailed, source: Source, end: string): unknown {
  if (OUT_OF_MEMORY.test(end)) {
    const told = `a step of ${source.dockerfile.name} needs more memory than buildkitd has for it`
    return new Terminal(told, { whose: 'operator', details: error.tail, cause: error })
  }
  if (FULL_DISK.test(stepOutputOf(error))) return fullDisk(error, end)
  return buildFailureOf(error, source, dockerVerdictOf)
}

const fullDisk = (cause: ToolFailed, words: string): Error =>
  new Error(`the disk of buildkitd is full: ${words}`, { cause })

/**
 * What it means that buildctl could ask buildkitd nothing at all.
 * @returns Terminal (operator) where one of them does not trust the other, an Error where it does not answer
 */
export function unansweredOf(error: unknown, address: string): unknown {
  if (error instanceof ToolTimedOut) return new Error(`buildkitd does not answer at ${address}`, { cause: error })
  if (!(error instanceof ToolFailed)) return error
  const words = wordsOf(error)
  const told = `buildkitd can't be asked at ${address}: ${words}`
  return CERTIFICATES.test(words)
    ? new Terminal(told, { whose: 'operator', details: error.tail, cause: error })
    : new Error(told, { cause: error })
}

/** buildctl's last word is the error; a step's own output stands above, each line behind a number or a time. */
function wordsOf({ stderr }: ToolFailed): string {
  const at = `\n${stderr}`.lastIndexOf('\nerror: ')
  return at < 0 ? (stderr.trim().split('\n').at(-1) ?? '') : stderr.slice(at + 'error: '.length).trim()
}

/** Of the step that failed, the last lines, between ` > [2/2] RUN make:` and a rule. */
const stepOutputOf = ({ stderr }: ToolFailed): string =>
  /^ > \[.*?\] RUN .*?:\n(.*?)^-{6}$/ms.exec(stderr)?.[1]?.slice(-2000) ?? ''

const FLAGS: Readonly<Record<string, RegExp>> = {
  'network.host': /--network=host/i,
  'security.insecure': /--security=insecure/i,
  device: /--device=/i,
}

function entitlementFailureOf(error: ToolFailed, { dockerfile }: Source, entitlement: string): Terminal {
  const at = instructionsOf(dockerfile.text).find(({ text }) => FLAGS[entitlement]?.test(text))
  const where = at === undefined ? dockerfile.name : `${dockerfile.name}:${at.line}: ${at.text}`
  return new Terminal(`${where}: ${entitlement} is not allowed here`, { details: error.tail, cause: error })
}
