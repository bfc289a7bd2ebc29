import { parseArgs } from 'node:util'

const USAGE = `npm run demo -- [--once] [--port N] [--cluster | --kubeconfig FILE]
  --once             do it all without a person, and say by the exit code whether it worked
  --port N           the page's port on 127.0.0.1, any free one unless given
  --cluster          a real Argo CD and a cluster on loopback: the one of \`npm run cluster -- up\`, or one for this demo
  --kubeconfig FILE  a cluster with Argo CD, instead of the stand-in for both`

export interface Options {
  readonly isOnce: boolean
  readonly port: number
  readonly isCluster: boolean
  readonly kubeconfig: string | null
}

/** What the command line asks for, or what to say instead. */
export function optionsIn(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        cluster: { type: 'boolean', default: false },
        kubeconfig: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const port = /^[0-9]{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN
    if (values.help) return USAGE
    if (!(port <= 65535)) return `--port ${values.port} is no port\n${USAGE}`
    if (values.cluster && values.kubeconfig !== undefined) return `--cluster or --kubeconfig, not both\n${USAGE}`
    return { isOnce: values.once, port, isCluster: values.cluster, kubeconfig: values.kubeconfig ?? null }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`
  }
}
