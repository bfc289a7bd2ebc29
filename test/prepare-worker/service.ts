/** A service with a worker that waits for an archive; says the worker's id. */
import { PassThrough } from 'node:stream'
import { startWorkerProcess } from '../../src/adapters/worker-process.ts'
import { workerProgram } from '../../src/prepare-worker/worker-command.ts'

const home = process.cwd()
const { pid, output } = await startWorkerProcess({ ...workerProgram(512), cwd: home, env: { HOME: home } })
output.pipe(new PassThrough())
console.log(pid)
