/** The program that the service starts as a worker: it loads nothing of the service's clients, and knows no setting. */
import { Socket } from 'node:net'
import { serve } from './serve.ts'

const SAID_FD = 3

const told = new AbortController()
process.once('SIGTERM', () => told.abort(new Error('told to stop')))
const output = new Socket({ fd: SAID_FD, readable: false })
// The service is gone, and with it whoever could be told.
output.on('error', () => process.exit(1))
told.signal.addEventListener('abort', () => process.stdin.destroy())
const noPlace = async () => {
  throw new Error('the service gave no place')
}
await serve(process.stdin, output, told.signal, noPlace).catch((error) => {
  if (!told.signal.aborted) throw error
})
output.end(() => process.exit())
