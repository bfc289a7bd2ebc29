#!/usr/bin/env node
import { Command } from 'commander'
import { ConfigError } from '../config/read-config.ts'
import { Terminal } from '../domain/errors.ts'
import { CommonFault } from '../manifests/common.ts'
import { check } from './check.ts'
import { checkGitOps } from './check-gitops.ts'
import { gc } from './gc.ts'
import { init } from './init.ts'
import { render } from './render.ts'
import { serve } from './serve.ts'
import { westageVersion } from './version.ts'
import { wehook } from './wehook.ts'
import { worker } from './worker.ts'

const program = new Command('westage')
  .description('A live preview on Kubernetes for every labelled pull request')
  .version(westageVersion())
  .addCommand(serve)
  .addCommand(check)
  .addCommand(init)
  .addCommand(checkGitOps)
  .addCommand(render)
  .addCommand(gc)
  .addCommand(worker)
  .addCommand(wehook)

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
