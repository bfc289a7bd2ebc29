import type { Rule } from './rule.ts'
import { appArmor } from './rules/app-armor.ts'
import { applicationKinds } from './rules/application-kinds.ts'
import { argocdAnnotations } from './rules/argocd-annotations.ts'
import { boundVolumes } from './rules/bound-volumes.ts'
import { capabilities } from './rules/capabilities.ts'
import { catchAllHosts } from './rules/catch-all-hosts.ts'
import { certificateAuthorities } from './rules/certificate-authorities.ts'
import { clearSecrets } from './rules/clear-secrets.ts'
import { cloudIdentities } from './rules/cloud-identities.ts'
import { clusterCredentials } from './rules/cluster-credentials.ts'
import { clusterScoped } from './rules/cluster-scoped.ts'
import { controllerDefaults } from './rules/controller-defaults.ts'
import { copiedObjects } from './rules/copied-objects.ts'
import { deletionBlockers } from './rules/deletion-blockers.ts'
import { dropCapabilities } from './rules/drop-capabilities.ts'
import { embeddedLists } from './rules/embedded-lists.ts'
import { ephemeralContainers } from './rules/ephemeral-containers.ts'
import { externalIps } from './rules/external-ips.ts'
import { externalNames } from './rules/external-names.ts'
import { gatewayInfrastructure } from './rules/gateway-infrastructure.ts'
import { gracePeriods } from './rules/grace-periods.ts'
import { hostNamespaces } from './rules/host-namespaces.ts'
import { hostPath } from './rules/host-path.ts'
import { hostPorts } from './rules/host-ports.ts'
import { ingressAnnotations } from './rules/ingress-annotations.ts'
import { ingressPaths } from './rules/ingress-paths.ts'
import { kinds } from './rules/kinds.ts'
import { malformed } from './rules/malformed.ts'
import { meshExports } from './rules/mesh-exports.ts'
import { metadataAddresses } from './rules/metadata-addresses.ts'
import { misspeltFields } from './rules/misspelt-fields.ts'
import { monitorFiles } from './rules/monitor-files.ts'
import { monitorTargets } from './rules/monitor-targets.ts'
import { namespaceRules } from './rules/namespace-rules.ts'
import { nodePlacement } from './rules/node-placement.ts'
import { otherNamespaces } from './rules/other-namespaces.ts'
import { ownNamespace } from './rules/own-namespace.ts'
import { podAnnotations } from './rules/pod-annotations.ts'
import { priorityClasses } from './rules/priority-classes.ts'
import { privilegeEscalation } from './rules/privilege-escalation.ts'
import { privileged } from './rules/privileged.ts'
import { probeHosts } from './rules/probe-hosts.ts'
import { procMount } from './rules/proc-mount.ts'
import { roleBindings } from './rules/role-bindings.ts'
import { roleRules } from './rules/role-rules.ts'
import { runAsNonRoot } from './rules/run-as-non-root.ts'
import { seLinux } from './rules/se-linux.ts'
import { seccomp } from './rules/seccomp.ts'
import { seccompProfile } from './rules/seccomp-profile.ts'
import { secretTargets } from './rules/secret-targets.ts'
import { secretTypes } from './rules/secret-types.ts'
import { serviceAccounts } from './rules/service-accounts.ts'
import { serviceAnnotations } from './rules/service-annotations.ts'
import { serviceTypes } from './rules/service-types.ts'
import { sharedGateways } from './rules/shared-gateways.ts'
import { skipText } from './rules/skip-text.ts'
import { snippets } from './rules/snippets.ts'
import { sysctls } from './rules/sysctls.ts'
import { tokenMounts } from './rules/token-mounts.ts'
import { traefikProviders } from './rules/traefik-providers.ts'
import { volumeTypes } from './rules/volume-types.ts'
import { windowsHostProcess } from './rules/windows-host-process.ts'

/** All rules there are. One more is a file, its rows in the table of tests, and a line here. */
export const rules: readonly Rule[] = [
  kinds,
  applicationKinds,
  clusterScoped,
  namespaceRules,
  ownNamespace,
  otherNamespaces,
  sharedGateways,
  deletionBlockers,
  gracePeriods,
  argocdAnnotations,
  skipText,
  malformed,
  embeddedLists,
  misspeltFields,
  privileged,
  hostNamespaces,
  hostPath,
  hostPorts,
  probeHosts,
  capabilities,
  sysctls,
  procMount,
  seccomp,
  appArmor,
  seLinux,
  windowsHostProcess,
  ephemeralContainers,
  volumeTypes,
  boundVolumes,
  serviceAccounts,
  tokenMounts,
  cloudIdentities,
  nodePlacement,
  priorityClasses,
  podAnnotations,
  runAsNonRoot,
  privilegeEscalation,
  dropCapabilities,
  seccompProfile,
  clearSecrets,
  secretTypes,
  secretTargets,
  copiedObjects,
  clusterCredentials,
  certificateAuthorities,
  roleRules,
  roleBindings,
  externalNames,
  externalIps,
  serviceTypes,
  serviceAnnotations,
  ingressAnnotations,
  ingressPaths,
  snippets,
  catchAllHosts,
  controllerDefaults,
  traefikProviders,
  gatewayInfrastructure,
  meshExports,
  metadataAddresses,
  monitorFiles,
  monitorTargets,
]
