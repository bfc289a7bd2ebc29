const SELENIUM = [
  'base',
  'hub',
  'node-base',
  'node-chrome',
  'node-chrome-debug',
  'node-firefox',
  'node-firefox-debug',
].map((image) => `selenium-${image}`)

/**
 * What `standard` makes of every folder of the corpus: nothing where it passes, otherwise `rule Kind/name` for each
 * refusal. Reasoned out from the corpus' README and from the manifests themselves before any of it was run; where a
 * row was changed afterwards its comment says why.
 *
 * What transforms take away is no reason for a refusal: LoadBalancer and NodePort, hostPort and hostNetwork, HPAs, PDBs,
 * NetworkPolicies, Namespaces, Argo CD's annotations, a claim's volumeName, service names of the old namespace. A
 * transform that refuses (`cluster-scoped`, `two namespaces`, `wildcard`, `nothing left`) ends the way to the policy,
 * so that nothing else is listed beside it. A Secret in the clear passes where the repo itself holds it so.
 */
export const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'podinfo/kustomize': [],
  'podinfo/deploy/bases/backend': [],
  'podinfo/deploy/bases/cache': [],
  // Every right in its namespace is also the right to lift the namespace's quota and network policies.
  'podinfo/deploy/webapp': ['rbac Role/reconciler'],
  'podinfo/deploy/secure': ['cluster-scoped ClusterIssuer/self-signed'],

  'online-boutique': [],
  'online-boutique/tests/memorystore-with-all-components': [],
  // A ServiceEntry holds for the whole mesh, the siblings included; one of these leads to the metadata address.
  'online-boutique/tests/service-mesh-istio-with-all-components': [
    'kinds ServiceEntry/allow-egress-google-metadata',
    'kinds ServiceEntry/allow-egress-googleapis',
  ],
  'online-boutique/tests/spanner-with-all-components': [],
  'online-boutique/variants/istio': [
    'kinds ServiceEntry/allow-egress-google-metadata',
    'kinds ServiceEntry/allow-egress-googleapis',
  ],
  'online-boutique/variants/private': [],
  'online-boutique/variants/images': [],
  'online-boutique/variants/alloydb': [],

  // `default` is every namespace's own service account.
  'bank-of-anthos': [],

  'argo-rollouts/basic': ['cluster-scoped ClusterAnalysisTemplate/always-pass'],
  'argo-rollouts/istio': [],
  // Hosts and paths of kinds that no transform knows would be the siblings' own.
  'argo-rollouts/ambassador': ['kinds KubernetesEndpointResolver/endpoint', 'kinds Mapping/echo'],
  'argo-rollouts/apisix': ['kinds ApisixRoute/rollouts-apisix-route'],
  'argo-rollouts/workload-ref': [],
  'argo-rollouts/traffic-routing-experiment-step': [],

  'kustomize-examples/helloWorld': [],
  'kustomize-examples/ldap/base': [],
  'kustomize-examples/ldap/overlays/staging': [],
  'kustomize-examples/ldap/overlays/production': [],
  'kustomize-examples/multibases': [],
  'kustomize-examples/mySql': [],
  'kustomize-examples/springboot/base': [],
  'kustomize-examples/springboot/overlays/staging': [],
  'kustomize-examples/springboot/overlays/production': [],
  'kustomize-examples/transformerconfigs/crd': ['kinds Bee/test-bee', 'kinds MyKind/test-mykind'],
  // Its Deployment is of the core group, which has none.
  'kustomize-examples/transformerconfigs/images': ['kinds Deployment/deploy1', 'kinds MyKind/testSvc'],
  'kustomize-examples/wordpress': [],

  'kubernetes-examples/web/guestbook': [],
  'kubernetes-examples/web/guestbook-go': [],
  'kubernetes-examples/databases/cassandra': ['cluster-scoped StorageClass/fast'],
  'kubernetes-examples/AI/model-serving-tensorflow': ['cluster-scoped PersistentVolume/my-model-pv'],
  'kubernetes-examples/AI/vllm-deployment': [
    'cluster-scoped APIService/v1beta1.custom.metrics.k8s.io',
    'cluster-scoped ClusterRole/prometheus-adapter',
    'cluster-scoped ClusterRoleBinding/prometheus-adapter',
    'cluster-scoped ClusterRoleBinding/prometheus-adapter-system-auth-delegator',
  ],
  // Its PodDisruptionBudget, of an API version that is gone, goes.
  'kubernetes-examples/cockroachdb': [],
  'kubernetes-examples/https-nginx': [],
  'kubernetes-examples/javaweb-tomcat-sidecar': [],
  // extensions/v1beta1 has not been served since Kubernetes 1.16; hostNetwork goes, the other two do not.
  'kubernetes-examples/newrelic-infrastructure': [
    'host-namespaces DaemonSet/newrelic-infra-agent',
    'host-path DaemonSet/newrelic-infra-agent',
    'kinds DaemonSet/newrelic-infra-agent',
    'privileged DaemonSet/newrelic-infra-agent',
  ],
  'kubernetes-examples/phabricator': [],
  'kubernetes-examples/storage/redis': [],

  'bookinfo/platform/app': [],
  'bookinfo/platform/app-psa': [],
  // A rule without a host stays one. It has no address that could be the preview's own; who shares one controller
  // between such Ingresses has every sibling in the same place.
  'bookinfo/platform/ingress': [],
  // The group that cert-manager had before 0.11.
  'bookinfo/platform/certificate': ['cluster-scoped ClusterIssuer/letsencrypt-staging'],
  'bookinfo/platform/mysql': [],
  // The shared ingress gateway would hand `*` to the preview, and its ServiceEntry the whole mesh.
  'bookinfo/networking': ['wildcard Gateway/cert-manager-gateway'],
  'bookinfo/gateway-api': [],
  // Configuration of Envoy itself, in the siblings' proxies as well where it says so.
  'bookinfo/policy': ['kinds EnvoyFilter/filter-ratelimit', 'kinds EnvoyFilter/filter-ratelimit-svc'],
  'bookinfo/ambient-argo/application': ['kinds Application/bookinfo-application'],

  'gateway-api': ['cluster-scoped GatewayClass/example'],
  'gateway-api/simple-gateway': [],
  'gateway-api/http-routing': [],
  'gateway-api/grpc-routing': [],
  'gateway-api/tls-routing': [],
  // Without hosts, but on the app's own Gateway, which no sibling shares.
  'gateway-api/tcp-routing': [],
  'gateway-api/udp-routing': [],
  'gateway-api/simple-http-https': ['wildcard Gateway/example-gateway'],
  // Its namespaces become one, and what names them follows.
  'gateway-api/cross-namespace-routing': [],
  'gateway-api/multicluster': [],
  'gateway-api/http-redirect-rewrite': [],

  'traefik/k8s': [
    'cluster-scoped IngressClass/traefik-drop',
    'cluster-scoped IngressClass/traefik-keep',
    'cluster-scoped IngressClass/traefik-not-ingress-controller',
  ],
  // Addresses instead of a selector lead wherever the author wants (Kubernetes: CVE-2021-25740).
  'traefik/crd': [
    ...[
      'child-service-abc',
      'cross-service-abc',
      'native-disabled-svc-abc',
      'same-service-abc',
      'shared-service-abc',
      'users-service-abc',
      'whoami-abc',
      'whoami-ipv6-abc',
      'whoami-nil-port-name-abc',
      'whoami-nil-port-value-abc',
      'whoami-svc-abc',
      'whoami-without-endpointslice-endpoints-abc',
      'whoami2-abc',
      'whoami3-abc',
      'whoamitls-abc',
    ].map((name) => `kinds EndpointSlice/${name}`),
    'external-name Service/external-svc',
    'external-name Service/external-svc-with-http',
    'external-name Service/external-svc-with-https',
    'external-name Service/external-svc-with-ipv6',
  ],
  'traefik/no-rule': [],
  // UDP has no hosts: its entry point is the siblings' too. The TCP route has one.
  'traefik/reference': ['kinds IngressRouteUDP/ingressrouteudp.crd'],

  // Requests would be handed to a Service of another namespace.
  'knative/knative-routing-go': ['other-namespace VirtualService/entry-route'],
  'knative/routing-internal': ['other-namespace VirtualService/entry-route'],
  'knative/secrets-go': [],
  'knative/multi-container': [],
  'knative/gitwebhook-go': [],
  'knative/cloudevents-nodejs': [],
  // Eventing's kinds are on nobody's list until an operator puts them there: some take the sibling's own messages.
  'knative/bookstore': [
    'kinds Broker/bookstore-broker',
    'kinds Sequence/sequence',
    'kinds SinkBinding/node-sinkbinding',
    'kinds Trigger/db-insert-trigger',
    'kinds Trigger/log-trigger',
    'kinds Trigger/sequence-trigger',
  ],
  'knative/helloworld-go': ['kinds Broker/default', 'kinds Trigger/helloworld-go'],
  'knative/kafka/binding': ['kinds KafkaBinding/kafka-binding', 'kinds KafkaSource/kafka-source'],

  'contour/httpproxy': ['two namespaces Service/s2'],
  'contour/gatewayapi': [],
  'contour/global-external-auth': [],
  'contour/ratelimit': [],
  'contour/grafana': [],

  // Rights to read the own namespace's Jobs, and the built-in role `view`, give nothing away.
  'super-heroes/openshift': [],
  'super-heroes/kubernetes': [],

  'emojivoto/deployment': [],
  'emojivoto/daemonset': [],
  'emojivoto/statefulset': [],
  'emojivoto/job': [],
  'emojivoto/tracing': [],

  'argocd-testdata/guestbook': [],
  'argocd-testdata/guestbook-with-namespace': ['two namespaces Service/guestbook-ui'],
  'argocd-testdata/guestbook-with-namespace-manifest': [],
  'argocd-testdata/guestbook-logs': [],
  'argocd-testdata/config-map': [],
  'argocd-testdata/kustomize-cm-gen': [],
  'argocd-testdata/crd-creation': [
    'cluster-scoped CustomResourceDefinition/clusterdummies.argoproj.io',
    'cluster-scoped CustomResourceDefinition/dummies.argoproj.io',
  ],
  'argocd-testdata/hook': [],
  'argocd-testdata/hook-and-deployment': [],
  'argocd-testdata/pre-delete-hook': [],
  'argocd-testdata/post-delete-hook': ['nothing left'],
  'argocd-testdata/multi-namespace': ['two namespaces Deployment/helm-guestbook'],
  'argocd-testdata/multi-namespace-hook': ['two namespaces Pod/my-hook'],
  'argocd-testdata/sync-waves': [],
  'argocd-testdata/cluster-role-hook': ['cluster-scoped ClusterRoleBinding/my-cluster-role-binding'],
  // An API server does not take its Ingress (the old form of a backend), which is not for the policy to say. The
  // annotations ask for an app's root and for larger uploads.
  'argocd-testdata/networking': [],
  'argocd-testdata/openshift': ['cluster-scoped Project/test'],
  'argocd-testdata/deprecated-extensions': ['cluster-scoped PodSecurityPolicy/pod-security-example'],
  'argocd-testdata/cross-namespace-ownership': ['cluster-scoped ClusterRole/test-cluster-role'],

  // Flux would install what no policy has seen, with its own rights.
  'flux-podinfo/apps/staging': ['kinds HelmRelease/podinfo', 'kinds HelmRepository/podinfo'],
  'flux-podinfo/apps/production': ['kinds HelmRelease/podinfo', 'kinds HelmRepository/podinfo'],
  'flux-podinfo/infrastructure/configs': [
    'cluster-scoped ClusterIssuer/letsencrypt',
    'cluster-scoped GatewayClass/envoy',
  ],
  'flux-podinfo/infrastructure/controllers': [
    'kinds HelmRelease/cert-manager',
    'kinds HelmRelease/envoy-gateway',
    'kinds OCIRepository/cert-manager',
    'kinds OCIRepository/gateway-helm',
  ],

  // The controller would ask a URL of the author's choice for every request, from where no NetworkPolicy holds it.
  'ingress-nginx': [
    'ingress-annotations Ingress/external-auth',
    'ingress-annotations Ingress/nginx-configuration-snippet',
  ],
  // `default/ca-secret` is in the Ingress' own namespace and follows it.
  'ingress-nginx/auth/client-certs': [],
  'ingress-nginx/multi-tls': [],
  'ingress-nginx/tls-termination': [],
  'ingress-nginx/chashsubset': [],
  'ingress-nginx/customization/custom-errors': [],
  'ingress-nginx/customization/external-auth-headers': [
    'ingress-annotations Ingress/public-demo-echo-service',
    'ingress-annotations Ingress/secure-demo-echo-service',
  ],
  'ingress-nginx/openpolicyagent': [
    'cluster-scoped ConstraintTemplate/k8sblockingresspathtype',
    'cluster-scoped K8sBlockIngressPathType/implspecificisblocked',
  ],
  'ingress-nginx/static-ip': [],

  'gke-quickstarts/wordpress-persistent-disks': [],
  // The static address is its sibling's.
  'gke-quickstarts/hello-app/manifests': ['ingress-annotations Ingress/helloweb'],
  'gke-quickstarts/hello-app-tls/manifests': [],
  'gke-quickstarts/hello-app-redis/manifests': [],
  'gke-quickstarts/gke-scheduled-autoscaler/k8s': [],

  // Builds run what a git repo elsewhere says, outside of the preview's namespace; the streams hold what they make.
  'openshift-selenium/base': [
    ...SELENIUM.map((image) => `kinds BuildConfig/${image}`),
    ...['centos', ...SELENIUM].map((image) => `kinds ImageStream/${image}`),
  ],

  // The account is made elsewhere, for the long-lived namespace; rules for alerts would call people at night.
  'cccd/dev': [
    'ingress-annotations Ingress/cccd-app-ingress-v1',
    'kinds PrometheusRule/prometheus-custom-rules-cccd',
    'service-accounts Deployment/claim-for-crown-court-defence',
    'service-accounts Deployment/claim-for-crown-court-defence-worker',
    'service-accounts Job/db-dump',
  ],
  'cccd/production': [
    'ingress-annotations Ingress/cccd-app-ingress-v1',
    'kinds PrometheusRule/prometheus-custom-rules-cccd',
    'service-accounts Deployment/claim-for-crown-court-defence',
    'service-accounts Deployment/claim-for-crown-court-defence-worker',
    'service-accounts Job/db-dump',
  ],
  'cccd/cron_jobs': ['service-accounts CronJob/cccd-archive-stale'],
  'cccd/jobs': [],

  // The shared ExternalDNS would be asked for any record, the sibling's own among them.
  'external-dns': [
    'kinds DNSEndpoint/alias-example',
    'kinds DNSEndpoint/cname-example',
    'kinds DNSEndpoint/simple-example',
    'kinds DNSEndpoint/txt-example',
  ],
}
