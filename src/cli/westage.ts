#!/usr/bin/env node
import { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { Terminal } from '../domain/errors.ts'
import { CommonFault } from '../manifests/common-fault.ts'
import { westageVersion } from './version.ts'

/** A command is loaded once it is asked for: a worker and WeHook start in half the time without the others. */
const COMMANDS = {
  serve: async () => (await import('./serve.ts')).serve,
  check: async () => (await import('./check.ts')).check,
  init: async () => (await import('./init.ts')).init,
  'check-gitops': async () => (await import('./check-gitops.ts')).checkGitOps,
  render: async () => (await import('./render.ts')).render,
  gc: async () => (await import('./gc.ts')).gc,
  worker: async () => (await import('./worker.ts')).worker,
  wehook: async () => (await import('./wehook.ts')).wehook,
}

const program = new Command('westage')
  .description('A live preview on Kubernetes for every labelled pull request')
  .version(westageVersion())
const [, , first] = process.argv
const asked = Object.entries(COMMANDS).filter(([name]) => name === first)
for (const [, load] of asked.length > 0 ? asked : Object.entries(COMMANDS)) program.addCommand(await load())

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = 1
  if (error instanceof ConfigError) {
    console.error(`The configuration can't be used:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}`)
  } else if (error instanceof Terminal) console.error([error.message, ...error.details].join('\n'))
  else if (error instanceof CommonFault || isExpected(error)) console.error(error.message)
  else throw error
}

/** Errors whose message says what to do: a missing tool, an address in use, a kubeconfig that can't be read. */
function isExpected(error: unknown): error is Error {
  return error instanceof Error && (error.name === 'KustomizeMissing' || 'code' in error)
}
