/**
 * A writer of a process of its own: `node writer.js URL NAME WAVES AT_ONCE`. Each of its changes makes a folder of its
 * own, `<name>/<wave>-<number>`; those of a wave are handed over together, and the next wave follows once they are pushed.
 */
import { setMaxListeners } from 'node:events'
import { openBranch } from '../../src/twig/branch.ts'

const [url = '', name = '', waves = '', atOnce = ''] = process.argv.slice(2)
const never = new AbortController().signal
setMaxListeners(0, never)
const branch = openBranch({
  url,
  branch: 'main',
  author: { name, email: `${name}@example.com` },
  credentials: null,
  pushes: { perMinute: 1_000_000, burst: 1_000_000 },
  log: () => {},
})
for (let wave = 0; wave < Number(waves); wave++) {
  const numbers = Array.from({ length: Number(atOnce) }, (_, number) => number)
  await Promise.all(
    numbers.map((number) => {
      const folder = `${wave}-${number}`
      const files = new Map([['preview.yaml', `by: ${name}\nfolder: ${folder}\n`]])
      return branch.commit({ path: [name, folder], files, onto: null, message: `${name} ${folder}\n` }, never)
    }),
  )
}
branch.close()
