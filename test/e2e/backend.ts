/**
 * The backend that the end-to-end tests run against, as `npm run test:e2e` says by the environment; the stand-in where
 * nothing is said, as in `npm test`.
 */
import { type Cluster, findCluster, startCluster } from '../cluster/start-cluster.ts'
import type { GitOpsAccess } from '../servers/instance.ts'
import { startClusterSide } from './cluster-side.ts'
import { ownCluster } from './own-cluster.ts'
import type { E2eSide } from './side.ts'
import { startStandInSide } from './stand-in-side.ts'

export interface Backend {
  readonly name: string
  readonly isReal: boolean
  /** Whether parts of Argo CD and Kubernetes can be stopped. */
  readonly hasParts: boolean
  /** Whether the images of pull requests run, are played, or only the objects are there. */
  readonly podsAre: 'real' | 'played' | 'none'
  /** Whether pods reach each other by names of Services, as far as NetworkPolicies let them. */
  readonly hasPodNetwork: boolean
  readonly start: (gitops: GitOpsAccess) => Promise<E2eSide>
  readonly close: () => Promise<void>
}

/** @throws what keeps a cluster from starting */
export async function backend(): Promise<Backend> {
  const wanted = process.env.WESTAGE_E2E ?? 'stand-in'
  switch (wanted) {
    case 'stand-in':
      return {
        name: 'the stand-in',
        isReal: false,
        hasParts: false,
        podsAre: 'none',
        hasPodNetwork: false,
        start: startStandInSide,
        close: async () => {},
      }
    case 'cluster': {
      const cluster = clusterThatIsUp()
      return {
        name: 'a cluster',
        isReal: true,
        hasParts: cluster.parts.length > 0,
        podsAre: cluster.podsAre,
        hasPodNetwork: cluster.parts.includes('network-policies'),
        start: (gitops) => startClusterSide(cluster, gitops, { nudge: nudgeWanted() }),
        close: async () => {},
      }
    }
    case 'two-clusters': {
      const cluster = clusterThatIsUp()
      const destination = await startCluster({ argocd: false, pods: 'played' })
      return {
        name: 'two clusters',
        isReal: true,
        hasParts: cluster.parts.length > 0,
        podsAre: destination.podsAre,
        hasPodNetwork: destination.parts.includes('network-policies'),
        start: (gitops) => startClusterSide(cluster, gitops, { destination, nudge: nudgeWanted() }),
        close: () => destination.close(),
      }
    }
    default:
      throw new Error(`WESTAGE_E2E=${wanted} is none of stand-in, cluster and two-clusters`)
  }
}

const nudgeWanted = () => (process.env.WESTAGE_E2E_NUDGE === 'webhook' ? 'webhook' : 'annotations')

function clusterThatIsUp(): Cluster {
  const { WESTAGE_E2E_KUBECONFIG: kubeconfigPath, WESTAGE_E2E_ARGOCD: argocdUrl } = process.env
  if (kubeconfigPath !== undefined && argocdUrl !== undefined) return ownCluster({ kubeconfigPath, argocdUrl })
  const cluster = findCluster(process.env.WESTAGE_E2E_CLUSTER)
  if (cluster === null) throw new Error('no cluster is up: npm run cluster -- up, or npm run test:e2e')
  return cluster
}
