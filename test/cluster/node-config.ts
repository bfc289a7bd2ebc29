/** The configuration of containerd, its network and kubelet on a node with real pods. */
import { mkdir, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { PAUSE_IMAGE } from './pause-image.ts'
import type { ClusterState } from './state.ts'

export const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin']
/** magic.h: layers on top of layers are refused by the kernel. */
const OVERLAYFS_MAGIC = 0x794c7630

export async function writeNodeConfig(
  state: ClusterState,
  folder: string,
  ports: { containerd: number; kubelet: number },
): Promise<void> {
  const { bridge } = state
  if (bridge === null) throw new Error('the bridge was not made')
  await mkdir(join(folder, 'cni'), { recursive: true })
  const isLayered = (await statfs(folder)).type === OVERLAYFS_MAGIC
  const containerd = containerdConfig(folder, (await cniFolder()) ?? '', isLayered, ports.containerd)
  await writeFile(join(folder, 'containerd.toml'), containerd)
  await writeFile(join(folder, 'cni', 'pods.conflist'), JSON.stringify(networkConfig(folder, bridge)))
  const kubelet = kubeletConfig(folder, bridge.address, state.cgroup, ports.kubelet)
  await writeFile(join(folder, 'kubelet.json'), JSON.stringify(kubelet))
  await writeFile(join(folder, 'resolv.conf'), '')
}

/** Where the network plugins are, null where there are none. */
export async function cniFolder(): Promise<string | null> {
  for (const folder of CNI_FOLDERS) if ((await commandPathOf(`${folder}/bridge`, '')) !== null) return folder
  return null
}

/** containerd 1.6 and newer: docs/cri/config.md. An address of 127.0.0.0/8 is taken for a registry of plain HTTP. */
const containerdConfig = (folder: string, plugins: string, isLayered: boolean, port: number): string => `version = 2
root = "${folder}/containerd"
state = "${folder}/containerd-state"
[grpc]
  address = "${folder}/containerd.sock"
[metrics]
  address = "127.0.0.1:${port}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # runc may not lower it where CAP_SYS_RESOURCE is missing.
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_tcp_service = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${isLayered ? 'native' : 'overlayfs'}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${plugins}"
    conf_dir = "${folder}/cni"
`

/** CNI documentation, "bridge plugin" and "host-local". The bridge has its address already: the plugin would forward. */
const networkConfig = (folder: string, bridge: NonNullable<ClusterState['bridge']>): object => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: bridge.name,
      isGateway: false,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: join(folder, 'addresses'),
        ranges: [[{ subnet: `${bridge.address.replace(/1$/, '0')}/${bridge.prefixLength}`, gateway: bridge.address }]],
      },
    },
  ],
})

/** Kubernetes: "Kubelet Configuration (v1beta1)". */
const kubeletConfig = (folder: string, address: string, cgroup: string | null, healthPort: number): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${cgroup}`,
  clusterDomain: 'cluster.local',
  // Nobody listens there; without one, each pod gets an event that says so.
  clusterDNS: ['10.96.0.10'],
  containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
  enforceNodeAllocatable: [],
  // The machine's disk is others' business.
  evictionHard: { 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
  failCgroupV1: false,
  failSwapOn: false,
  healthzBindAddress: '127.0.0.1',
  healthzPort: healthPort,
  imageGCHighThresholdPercent: 100,
  localStorageCapacityIsolation: false,
  makeIPTablesUtilChains: false,
  maxPods: 400,
  podLogsDir: join(folder, 'pod-logs'),
  readOnlyPort: 0,
  registryPullQPS: 0,
  resolvConf: join(folder, 'resolv.conf'),
  serializeImagePulls: false,
  volumePluginDir: join(folder, 'volume-plugins'),
})
