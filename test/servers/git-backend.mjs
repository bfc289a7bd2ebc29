/**
 * Runs `git http-backend` for the git servers of one process, in a process of its own: to start a program takes a copy
 * of the memory of whoever starts it, about 9 ms for each 100 MB, in which nothing else is answered.
 *
 * Asked by HTTP at the unix socket that it is given. `cgi` is git's environment and working folder, as JSON in percent
 * encoding; the body is git's input; the answer's body is what git says, with the CGI header. Whoever goes away has git
 * killed, and all that it started. Ends with the process that started it, and removes the socket's
 * folder.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname } from 'node:path'

const [, , socket = ''] = process.argv
process.once('disconnect', () => {
  rmSync(dirname(socket), { recursive: true, force: true })
  process.exit()
})

const server = createServer((request, response) => {
  const { cwd, env } = JSON.parse(decodeURIComponent(String(request.headers.cgi)))
  // In a process group of its own: a hook's children go with it.
  const git = spawn('git', ['http-backend'], { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  git.once('error', (error) => response.writeHead(500).end(String(error)))
  git.stdin.on('error', () => {})
  request.pipe(git.stdin)
  git.stdout.pipe(response)
  response.once('close', () => {
    if (!response.writableFinished && git.pid !== undefined) killGroup(git.pid)
  })
})
server.listen(socket, () => process.send?.('listening'))

/** @param {number} id A group that ended in the meantime is what is wanted. */
function killGroup(id) {
  try {
    process.kill(-id, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
