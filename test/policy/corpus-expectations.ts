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
  'podinfo/deploy/webapp': ['role-rules Role/reconciler'],
  'podinfo/deploy/secure': ['cluster-scoped ClusterIssuer/self-signed'],

  'online-boutique': [],
  'online-boutique/tests/memorystore-with-all-components': [],
  // A ServiceEntry holds for the whole mesh, the siblings included; one of these leads to the metadata address.
  'online-boutique/tests/service-mesh-istio-with-all-components': [
    'mesh-exports ServiceEntry/allow-egress-google-metadata',
    'mesh-exports ServiceEntry/allow-egress-googleapis',
    'metadata-addresses ServiceEntry/allow-egress-google-metadata',
  ],
  'online-boutique/tests/spanner-with-all-components': [],
  'online-boutique/variants/istio': [
    'mesh-exports ServiceEntry/allow-egress-google-metadata',
    'mesh-exports ServiceEntry/allow-egress-googleapis',
    'metadata-addresses ServiceEntry/allow-egress-google-metadata',
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
  // Changed: a rule without a host had passed here. At a controller that is shared, as nginx mostly is, it takes what is
  // meant for its sibling; where every Ingress has an address of its own, an operator exempts from the rule.
  'argo-rollouts/traffic-routing-experiment-step': ['catch-all-hosts Ingress/alb-rollout-ingress'],

  'kustomize-examples/helloWorld': [],
  'kustomize-examples/ldap/base': [],
  'kustomize-examples/ldap/overlays/staging': [],
  // Changed: the disk had been overlooked. It is the sibling's, by name.
  'kustomize-examples/ldap/overlays/production': ['volume-types Deployment/production-ldap'],
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
  // hostNetwork goes, the other two host namespaces do not. Changed: that extensions/v1beta1 has not been served since
  // Kubernetes 1.16 is for the API server to say, and harms nobody.
  'kubernetes-examples/newrelic-infrastructure': [
    'host-namespaces DaemonSet/newrelic-infra-agent',
    'host-path DaemonSet/newrelic-infra-agent',
    'privileged DaemonSet/newrelic-infra-agent',
  ],
  'kubernetes-examples/phabricator': [],
  'kubernetes-examples/storage/redis': [],

  'bookinfo/platform/app': [],
  'bookinfo/platform/app-psa': [],
  // Changed, as above.
  'bookinfo/platform/ingress': ['catch-all-hosts Ingress/gateway'],
  // The group that cert-manager had before 0.11.
  // Changed: not known as cluster-scoped, and refused all the same, with its Certificate.
  'bookinfo/platform/certificate': [
    'kinds Certificate/istio-ingressgateway-certs',
    'kinds ClusterIssuer/letsencrypt-staging',
  ],
  'bookinfo/platform/mysql': [],
  // The shared ingress gateway would hand `*` to the preview, and its ServiceEntry the whole mesh.
  'bookinfo/networking': ['wildcard Gateway/cert-manager-gateway'],
  'bookinfo/gateway-api': [],
  // Configuration of Envoy itself, in the siblings' proxies as well where it says so.
  'bookinfo/policy': [
    'kinds EnvoyFilter/filter-ratelimit',
    'kinds EnvoyFilter/filter-ratelimit-svc',
    'other-namespaces EnvoyFilter/filter-ratelimit',
  ],
  'bookinfo/ambient-argo/application': [
    'application-kinds Application/bookinfo-application',
    'other-namespaces Application/bookinfo-application',
  ],

  'gateway-api': ['cluster-scoped GatewayClass/example'],
  'gateway-api/simple-gateway': [],
  'gateway-api/http-routing': [],
  'gateway-api/grpc-routing': [],
  'gateway-api/tls-routing': [],
  // Without hosts, but on the app's own Gateway, which no sibling shares.
  'gateway-api/tcp-routing': [],
  'gateway-api/udp-routing': [],
  // Changed: its listeners' wildcard becomes the hosts of the routes that attach to them.
  'gateway-api/simple-http-https': [],
  // Its namespaces become one, and what names them follows.
  'gateway-api/cross-namespace-routing': [],
  // Changed: this route is for every host of a Gateway that is not the app's own.
  'gateway-api/multicluster': ['catch-all-hosts HTTPRoute/store'],
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
    'external-names Service/external-svc',
    'external-names Service/external-svc-with-http',
    'external-names Service/external-svc-with-https',
    'external-names Service/external-svc-with-ipv6',
  ],
  // A rule that is not there matches everything. Changed, as with Ingress.
  'traefik/no-rule': ['catch-all-hosts IngressRoute/test.route'],
  // UDP has no hosts: its entry point is the siblings' too. The TCP route has one.
  'traefik/reference': [
    'catch-all-hosts IngressRoute/ingressroute',
    'catch-all-hosts IngressRouteUDP/ingressrouteudp.crd',
  ],

  // Requests would be handed to a Service of another namespace.
  'knative/knative-routing-go': ['other-namespaces VirtualService/entry-route'],
  'knative/routing-internal': ['other-namespaces VirtualService/entry-route'],
  'knative/secrets-go': [],
  'knative/multi-container': [],
  'knative/gitwebhook-go': [],
  'knative/cloudevents-nodejs': [],
  // Changed: eventing's kinds had been refused as unknown. They stay in their namespace, and where a sink is elsewhere the
  // rules for other namespaces find it.
  'knative/bookstore': [],
  'knative/helloworld-go': [],
  'knative/kafka/binding': [],

  'contour/httpproxy': ['two namespaces Service/s2'],
  'contour/gatewayapi': [],
  'contour/global-external-auth': [],
  'contour/ratelimit': [],
  'contour/grafana': [],

  // Rights to read the own namespace's Jobs, and the built-in role `view`, give nothing away.
  'super-heroes/openshift': [],
  'super-heroes/kubernetes': ['catch-all-hosts Ingress/ui-super-heroes'],

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
  'flux-podinfo/apps/staging': [
    'kinds HelmRelease/podinfo',
    'kinds HelmRepository/podinfo',
    'other-namespaces HelmRelease/podinfo',
  ],
  'flux-podinfo/apps/production': [
    'kinds HelmRelease/podinfo',
    'kinds HelmRepository/podinfo',
    'other-namespaces HelmRelease/podinfo',
  ],
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

  // Changed: auth-url had been refused, because the controller asks a URL of the author's choice. Whoever has an
  // oauth2-proxy in front of every app would not want that; a value that ends a line of the configuration is refused.
  'ingress-nginx': ['snippets Ingress/nginx-configuration-snippet'],
  // `default/ca-secret` is in the Ingress' own namespace and follows it.
  'ingress-nginx/auth/client-certs': [],
  'ingress-nginx/multi-tls': [],
  'ingress-nginx/tls-termination': [],
  'ingress-nginx/chashsubset': [],
  'ingress-nginx/customization/custom-errors': [],
  'ingress-nginx/customization/external-auth-headers': [],
  'ingress-nginx/openpolicyagent': [
    'cluster-scoped ConstraintTemplate/k8sblockingresspathtype',
    'cluster-scoped K8sBlockIngressPathType/implspecificisblocked',
  ],
  'ingress-nginx/static-ip': ['catch-all-hosts Ingress/ingress-nginx'],

  'gke-quickstarts/wordpress-persistent-disks': [],
  // The static address is its sibling's.
  'gke-quickstarts/hello-app/manifests': ['catch-all-hosts Ingress/helloweb', 'ingress-annotations Ingress/helloweb'],
  'gke-quickstarts/hello-app-tls/manifests': ['catch-all-hosts Ingress/helloweb'],
  'gke-quickstarts/hello-app-redis/manifests': [],
  'gke-quickstarts/gke-scheduled-autoscaler/k8s': [],

  // Builds run what a git repo elsewhere says, outside of the preview's pods. Changed: an ImageStream only names images.
  'openshift-selenium/base': SELENIUM.map((image) => `kinds BuildConfig/${image}`),

  // The account is made elsewhere, for the long-lived namespace. Changed: PrometheusRules had been refused, since their
  // alerts may call people; many apps bring some, and an operator who wants none denies the kind.
  'cccd/dev': [
    'snippets Ingress/cccd-app-ingress-v1',
    'service-accounts Deployment/claim-for-crown-court-defence',
    'service-accounts Deployment/claim-for-crown-court-defence-worker',
    'service-accounts Job/db-dump',
  ],
  'cccd/production': [
    'snippets Ingress/cccd-app-ingress-v1',
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
