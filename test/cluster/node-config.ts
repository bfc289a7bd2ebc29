/** The configuration of containerd, its network and kubelet on a node with real pods. */
import { mkdir, statfs, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandPathOf } from '../../src/adapters/child-process.ts'
import { DNS_ADDRESS } from './cluster-dns.ts'
import { PAUSE_IMAGE } from './program-image.ts'
import type { ClusterState } from './state.ts'

export const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin']
/** magic.h: layers on top of layers are refused by the kernel. */
const OVERLAYFS_MAGIC = 0x794c7630

export async function writeNodeConfig(
  state: ClusterState,
  folder: string,
  ports: { containerd: number; kubelet: number },
): Promise<void> {
  const { link } = state
  if (link === null) throw new Error('the link was not made')
  await mkdir(join(folder, 'cni'), { recursive: true })
  const isLayered = (await statfs(folder)).type === OVERLAYFS_MAGIC
  await writePlugins(folder, (await cniFolder()) ?? '')
  const containerd = containerdConfig(folder, isLayered, ports.containerd)
  await writeFile(join(folder, 'containerd.toml'), containerd)
  await writeFile(join(folder, 'cni', 'pods.conflist'), JSON.stringify(networkConfig(folder, link)))
  const kubelet = kubeletConfig(folder, link.address, state.cgroup, ports.kubelet)
  await writeFile(join(folder, 'kubelet.json'), JSON.stringify(kubelet))
  await writeFile(join(folder, 'resolv.conf'), '')
}

/** Where the network plugins are, null where there are none. */
export async function cniFolder(): Promise<string | null> {
  for (const folder of CNI_FOLDERS) if ((await commandPathOf(`${folder}/ptp`, '')) !== null) return folder
  return null
}

/** The file that the pods' network namespace is held by. */
export const routerOf = (folder: string): string => join(folder, 'router')

/**
 * What containerd calls for a pod's network. `ptp` makes the other end of a pod's link where it runs, which is to be the
 * router's namespace and not the machine's.
 */
async function writePlugins(folder: string, plugins: string): Promise<void> {
  const own = join(folder, 'plugins')
  await mkdir(own, { recursive: true })
  await symlink(join(plugins, 'loopback'), join(own, 'loopback'))
  const script = `#!/bin/sh\nCNI_PATH=${plugins} exec nsenter --net=${routerOf(folder)} ${plugins}/ptp\n`
  await writeFile(join(own, 'ptp'), script, { mode: 0o755 })
}

/** containerd 1.6 and newer: docs/cri/config.md. An address of 127.0.0.0/8 is taken for a registry of plain HTTP. */
const containerdConfig = (folder: string, isLayered: boolean, port: number): string => `version = 2
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
    bin_dir = "${folder}/plugins"
    conf_dir = "${folder}/cni"
`

/** CNI documentation, "ptp plugin" and "host-local": what a pod sends to another goes through the router's rules. */
const networkConfig = (folder: string, { router, pods }: NonNullable<ClusterState['link']>): object => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: join(folder, 'addresses'),
        ranges: [[{ subnet: pods, rangeStart: router.replace(/2$/, '8'), gateway: router }]],
        routes: [{ dst: '0.0.0.0/0' }],
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
  clusterDNS: [DNS_ADDRESS],
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
