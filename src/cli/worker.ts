import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { toolEnvironmentOf } from '../config/tool-environment.ts'
import { joinService } from '../prepare-worker/join-service.ts'

interface WorkerArguments {
  readonly server: string
  readonly tokenFile: string
}

export const worker = new Command('worker')
  .description('Unpack, render and transform one pull request for a service: what its Jobs run')
  .requiredOption('--server <url>', 'where the service listens for workers')
  .requiredOption('--token-file <file>', 'a file with the token of the one work')
  .action(async ({ server, tokenFile }: WorkerArguments) => {
    const token = (await readFile(tokenFile, 'utf8')).trim()
    const told = new AbortController()
    process.once('SIGTERM', () => told.abort(new Error('told to stop')))
    await joinService({ server: new URL(server), token }, toolEnvironmentOf().path, told.signal)
  })
