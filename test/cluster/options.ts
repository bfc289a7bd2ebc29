import { parseArgs } from 'node:util'

const USAGE = `npm run cluster -- up|down|status [--name NAME] [--pods real|played] [--no-argocd]
  up        builds what is not built yet, starts a cluster with Argo CD on loopback, and leaves it running
  down      ends it and removes its logs and data
  status    what runs; exits 0 where all of it does
  --name NAME          another than the one that the tests find
  --pods real|played   real pods need root, containerd and runc; as the machine allows it unless given
  --no-argocd          a cluster that another one's Argo CD can be given as a destination`

export interface Options {
  readonly verb: 'up' | 'down' | 'status'
  readonly name: string
  readonly pods: 'real' | 'played' | null
  readonly argocd: boolean
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
    return { verb, name, pods, argocd: !values['no-argocd'] }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`
  }
}
