/**
 * Kinds that live outside any namespace, `Kind.group`. Kubernetes API reference ("namespaced" false in
 * `kubectl api-resources`) of 1.32 and what older servers had, and the CRDs (`scope: Cluster`) of projects that apps
 * often bring along. Kinds that are not listed are taken for namespaced.
 */
const KINDS = new Set([
  'ComponentStatus',
  'Namespace',
  'Node',
  'PersistentVolume',
  ...of('admissionregistration.k8s.io', [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ]),
  ...of('apiextensions.k8s.io', ['CustomResourceDefinition']),
  ...of('apiregistration.k8s.io', ['APIService']),
  ...of('authentication.k8s.io', ['SelfSubjectReview', 'TokenReview']),
  ...of('authorization.k8s.io', ['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview']),
  ...of('certificates.k8s.io', ['CertificateSigningRequest', 'ClusterTrustBundle']),
  ...of('extensions', ['PodSecurityPolicy']),
  ...of('flowcontrol.apiserver.k8s.io', ['FlowSchema', 'PriorityLevelConfiguration']),
  ...of('internal.apiserver.k8s.io', ['StorageVersion']),
  ...of('networking.k8s.io', ['IPAddress', 'IngressClass', 'ServiceCIDR']),
  ...of('node.k8s.io', ['RuntimeClass']),
  ...of('policy', ['PodSecurityPolicy']),
  ...of('rbac.authorization.k8s.io', ['ClusterRole', 'ClusterRoleBinding']),
  ...of('resource.k8s.io', ['DeviceClass', 'DeviceTaintRule', 'ResourceSlice']),
  ...of('scheduling.k8s.io', ['PriorityClass']),
  ...of('storage.k8s.io', ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass']),
  ...of('storagemigration.k8s.io', ['StorageVersionMigration']),
  ...of('snapshot.storage.k8s.io', ['VolumeSnapshotClass', 'VolumeSnapshotContent']),
  ...of('groupsnapshot.storage.k8s.io', ['VolumeGroupSnapshotClass', 'VolumeGroupSnapshotContent']),
  ...of('gateway.networking.k8s.io', ['GatewayClass']),
  ...of('policy.networking.k8s.io', ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy']),
  ...of('argoproj.io', ['ClusterAnalysisTemplate', 'ClusterWorkflowTemplate']),
  ...of('cert-manager.io', ['ClusterIssuer']),
  ...of('trust.cert-manager.io', ['Bundle']),
  ...of('cilium.io', [
    'CiliumClusterwideEnvoyConfig',
    'CiliumClusterwideNetworkPolicy',
    'CiliumEgressGatewayPolicy',
    'CiliumLoadBalancerIPPool',
  ]),
  ...of('crd.projectcalico.org', ['GlobalNetworkPolicy', 'GlobalNetworkSet', 'IPPool']),
  ...of('projectcalico.org', ['GlobalNetworkPolicy', 'GlobalNetworkSet', 'IPPool']),
  ...of('external-secrets.io', ['ClusterExternalSecret', 'ClusterPushSecret', 'ClusterSecretStore']),
  ...of('generators.external-secrets.io', ['ClusterGenerator']),
  ...of('karpenter.sh', ['NodeClaim', 'NodePool']),
  ...of('karpenter.k8s.aws', ['EC2NodeClass']),
  ...of('keda.sh', ['ClusterTriggerAuthentication']),
  ...of('kyverno.io', ['ClusterCleanupPolicy', 'ClusterPolicy']),
  ...of('networking.gke.io', ['GKENetworkParamSet', 'Network']),
  ...of('monitoring.googleapis.com', ['ClusterNodeMonitoring', 'ClusterPodMonitoring', 'ClusterRules', 'GlobalRules']),
  ...of('project.openshift.io', ['Project', 'ProjectRequest']),
  ...of('authorization.openshift.io', ['ClusterRole', 'ClusterRoleBinding']),
  ...of('security.openshift.io', ['SecurityContextConstraints']),
  ...of('oauth.openshift.io', ['OAuthClient']),
  ...of('user.openshift.io', ['Group', 'Identity', 'User']),
  ...of('spire.spiffe.io', ['ClusterFederatedTrustDomain', 'ClusterSPIFFEID', 'ClusterStaticEntry']),
  ...of('templates.gatekeeper.sh', ['ConstraintTemplate']),
  ...of('node.eks.amazonaws.com', ['NodeClass']),
  ...of('vpcresources.k8s.aws', ['CNINode']),
  ...of('kueue.x-k8s.io', ['AdmissionCheck', 'ClusterQueue', 'ResourceFlavor', 'Topology', 'WorkloadPriorityClass']),
  ...of('pkg.crossplane.io', ['Configuration', 'Function', 'Provider']),
  ...of('apiextensions.crossplane.io', ['CompositeResourceDefinition', 'Composition']),
  ...of('tekton.dev', ['ClusterTask']),
  ...of('triggers.tekton.dev', ['ClusterInterceptor', 'ClusterTriggerBinding']),
])

/** Groups whose kinds are all cluster-scoped, and made by people: Gatekeeper, Constraints. */
const GROUPS = ['constraints.gatekeeper.sh']

function of(group: string, kinds: readonly string[]): readonly string[] {
  return kinds.map((kind) => `${kind}.${group}`)
}

/** Whether objects of this `Kind.group` are known to live outside any namespace. */
export const isClusterScoped = (groupKind: string): boolean =>
  KINDS.has(groupKind) || GROUPS.some((group) => groupKind.endsWith(`.${group}`))
