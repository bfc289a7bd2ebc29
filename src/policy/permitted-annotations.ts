/**
 * Annotations of Ingresses and Routes that change how the app's own hosts are served, and nothing else. Those that name
 * hosts are here because WeStage makes these hosts the preview's own.
 */

const of = (prefix: string, names: readonly string[]): readonly string[] => names.map((name) => `${prefix}/${name}`)

/** `*` at the end is a prefix. By each controller's reference of annotations. */
const PERMITTED: readonly string[] = [
  ...of('kubernetes.io', ['ingress.class', 'ingress.allow-http', 'tls-acme', 'description']),
  'ingressclass.kubernetes.io/is-default-class',
  // ingress-nginx. Not here: snippets, mirror-target, auth-tls-match-cn, whose value is configuration.
  ...of('nginx.ingress.kubernetes.io', [
    'affinity*',
    'app-root',
    'auth-cache-duration',
    'auth-method',
    'auth-realm',
    'auth-response-headers',
    'auth-secret',
    'auth-secret-type',
    'auth-signin',
    'auth-tls-error-page',
    'auth-tls-pass-certificate-to-upstream',
    'auth-tls-secret',
    'auth-tls-verify-client',
    'auth-tls-verify-depth',
    'auth-type',
    'auth-url',
    'backend-protocol',
    'canary*',
    'client-body-buffer-size',
    'cors-*',
    'custom-headers',
    'custom-http-errors',
    'default-backend',
    'denylist-source-range',
    'enable-access-log',
    'enable-cors',
    'enable-modsecurity',
    'enable-opentelemetry',
    'enable-owasp-core-rules',
    'force-ssl-redirect',
    'from-to-www-redirect',
    'limit-*',
    'load-balance',
    'permanent-redirect*',
    'preserve-trailing-slash',
    'proxy-body-size',
    'proxy-buffer*',
    'proxy-connect-timeout',
    'proxy-cookie-*',
    'proxy-http-version',
    'proxy-max-temp-file-size',
    'proxy-next-upstream*',
    'proxy-read-timeout',
    'proxy-redirect-*',
    'proxy-request-buffering',
    'proxy-send-timeout',
    'proxy-ssl-name',
    'proxy-ssl-secret',
    'proxy-ssl-server-name',
    'proxy-ssl-verify*',
    'rewrite-target',
    'satisfy',
    'server-alias',
    'service-upstream',
    'session-cookie-*',
    'ssl-passthrough',
    'ssl-redirect',
    'temporal-redirect*',
    'upstream-hash-by*',
    'upstream-vhost',
    'use-regex',
    'whitelist-source-range',
    'allowlist-source-range',
    'x-forwarded-prefix',
  ]),
  // Before there was an own prefix, several controllers shared this one.
  ...of('ingress.kubernetes.io', [
    'app-root',
    'force-ssl-redirect',
    'proxy-body-size',
    'rewrite-target',
    'ssl-redirect',
  ]),
  ...of('traefik.ingress.kubernetes.io', [
    'router.entrypoints',
    'router.middlewares',
    'router.pathmatcher',
    'router.tls*',
    'frontend.rule.type',
  ]),
  ...of('haproxy.org', [
    'backend-*-timeout',
    'check*',
    'cors-*',
    'load-balance',
    'path-rewrite',
    'ssl-redirect*',
    'timeout-*',
  ]),
  ...of('haproxy-ingress.github.io', ['balance-algorithm', 'cors-*', 'rewrite-target', 'ssl-redirect', 'timeout-*']),
  ...of('haproxy.router.openshift.io', [
    'balance',
    'disable_cookies',
    'hsts_header',
    'ip_allowlist',
    'ip_whitelist',
    'rate-limit-*',
    'rewrite-target',
    'timeout*',
  ]),
  ...of('nginx.org', [
    'client-max-body-size',
    'proxy-*-timeout',
    'redirect-to-https',
    'rewrites',
    'websocket-services',
  ]),
  ...of('konghq.com', [
    'connect-timeout',
    'https-redirect-status-code',
    'methods',
    'preserve-host',
    'protocols',
    'read-timeout',
    'strip-path',
    'write-timeout',
  ]),
  // AWS Load Balancer Controller. Not here: group.*, which joins the balancer of others, actions, attributes, subnets.
  ...of('alb.ingress.kubernetes.io', [
    'backend-protocol*',
    'healthcheck-*',
    'healthy-threshold-count',
    'ip-address-type',
    'listen-ports',
    'scheme',
    'ssl-redirect',
    'success-codes',
    'target-type',
    'unhealthy-threshold-count',
  ]),
  ...of('cert-manager.io', [
    'alt-names',
    'cluster-issuer',
    'common-name',
    'duration',
    'issuer*',
    'private-key-*',
    'renew-before',
    'usages',
  ]),
  ...of('acme.cert-manager.io', ['http01-*']),
  ...['external-dns.alpha.kubernetes.io', 'external-dns.kubernetes.io'].flatMap((prefix) =>
    of(prefix, [
      'aws-weight',
      'cloudflare-proxied',
      'exclude',
      'hostname',
      'internal-hostname',
      'ingress-hostname-source',
      'set-identifier',
      'ttl',
    ]),
  ),
]

/** What says something about the object and orders nothing; Argo CD's and Helm's have rules of their own. */
const DESCRIPTIONS =
  /^(app\.kubernetes\.io|kubectl\.kubernetes\.io|meta\.helm\.sh|helm\.sh|westage\.dev|config\.kubernetes\.io|internal\.config\.kubernetes\.io|app\.quarkus\.io|app\.openshift\.io|openshift\.io|(.+\.)?argocd\.argoproj\.io)\//

/** Whether every profile permits an annotation by its name. */
export const isPermittedAnnotation = (key: string): boolean =>
  // Kubernetes, Annotations: names without a prefix are private to the user, and no controller's.
  !key.includes('/') || DESCRIPTIONS.test(key) || PERMITTED.some((pattern) => matches(pattern, key))

/** A `*` stands for any characters but `/`. */
function matches(pattern: string, key: string): boolean {
  if (!pattern.includes('*')) return pattern === key
  const [start = '', end = ''] = pattern.split('*')
  return key.length >= start.length + end.length && key.startsWith(start) && key.endsWith(end)
}

/** Lists of JSON are what this family wants. */
const JSON_VALUES = /^alb\.ingress\.kubernetes\.io\//

/**
 * Whether a value can't end the line of a configuration that a controller writes it into (ingress-nginx: CVE-2025-24514,
 * CVE-2025-1097; its own check of risky values forbids the same).
 */
export const isSafeValue = (key: string, value: string): boolean => {
  if (!key.includes('/') || DESCRIPTIONS.test(key)) return true
  return JSON_VALUES.test(key) ? !/[\r\n;`\\]/.test(value) : !/[\r\n;{}"'`\\#]/.test(value)
}
