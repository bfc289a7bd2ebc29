/** A process that has Jobs under way, for a test to kill: argv is kubeconfig, namespace, image, number of Jobs. */
import { kubeConfigOf } from '../../src/adapters/kubernetes/kube-config.ts'
import { openJobs } from '../../src/adapters/kubernetes-jobs/jobs.ts'

const [kubeconfig = '', namespace = '', image = '', count = ''] = process.argv.slice(2)
const config = kubeConfigOf(kubeconfig, null)
const jobs = openJobs({ config, namespace, owner: { instance: 'test', process: 'dying' }, log: () => {} })
const runs = Array.from({ length: Number(count) }, (_, nth) =>
  jobs.run(
    () => ({
      kind: 'build',
      work: `image ${nth}`,
      about: { app: 'shop', repository: 'acme/shop', pull: 7, sha: '0123456789abcdef0123456789abcdef01234567' },
      pod: { containers: [{ name: 'work', image, command: ['/bin/sh', '-c', 'echo starts; sleep 600'] }] },
      secret: { word: 'hush' },
      deadlineMs: 600_000,
    }),
    (line) => process.stdout.write(`${line}\n`),
    new AbortController().signal,
  ),
)
process.stdout.write('begins\n')
await Promise.all(runs)
