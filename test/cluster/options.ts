import { parseArgs } from 'node:util'
import { type ArgoCdRelease, argocdReleaseOf } from './argocd-releases.ts'

const USAGE = `npm run cluster -- up|down|status [--name NAME] [--pods real|played] [--argocd 3.5|3.2] [--no-argocd]
  up        builds what is not built yet, starts a cluster with Argo CD on loopback, and leaves it running
  down      ends it and removes its logs and data
  status    what runs; exits 0 where all of it does
  --name NAME          another than the one that the tests find
  --pods real|played   real pods need root, containerd and runc; as the machine allows it unless given
  --argocd 3.5|3.2     the release of Argo CD: 3.5 unless given
  --no-argocd          a cluster that another one's Argo CD can be given as a destination`

export interface Options {
  readonly verb: 'up' | 'down' | 'status'
  readonly name: string
  readonly pods: 'real' | 'played' | null
  /** null where the newest will do. */
  readonly argocd: ArgoCdRelease | false | null
}

/** What the command line asks for, or what to say instead. */
export function optionsIn(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: 'string', default: 'default' },
        pods: { type: 'string' },
        argocd: { type: 'string' },
        'no-argocd': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const { name, pods = null } = values
    const [verb, ...more] = positionals
    if (values.help) return USAGE
    if (more.length > 0 || (verb !== 'up' && verb !== 'down' && verb !== 'status')) return USAGE
    if (pods !== null && pods !== 'real' && pods !== 'played')
      return `--pods ${pods} is neither real nor played\n${USAGE}`
    if (values.argocd !== undefined && values['no-argocd']) return `--argocd or --no-argocd, not both\n${USAGE}`
    const release = values.argocd === undefined ? null : argocdReleaseOf(values.argocd)
    return { verb, name, pods, argocd: values['no-argocd'] ? false : release }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`
  }
}
