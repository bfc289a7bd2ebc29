/** What tools that WeStage runs are given of the process's environment, and nothing else. */
export interface ToolEnvironment {
  readonly path: string
  /** How a container engine or a proxy is reached, where that is set. */
  readonly passed: Readonly<Record<string, string>>
  /** For credential helpers, which know a cloud's registry by the identity of this process; PATH is among it. */
  readonly helpers: Readonly<Record<string, string>>
}

const PASSED = [
  'DOCKER_CONFIG',
  'DOCKER_HOST',
  'XDG_RUNTIME_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
]

/**
 * What helpers read beside that: of the clouds all that their SDKs do (AWS, Google and Azure: environment variables of
 * their command lines), else where their files and agents are. None of it is a secret of WeStage's own.
 */
const HELPERS = [
  'HOME',
  'USER',
  'XDG_CONFIG_HOME',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'PASSWORD_STORE_DIR',
]
const HELPERS_OF_CLOUDS = /^(AWS|AZURE|GOOGLE|CLOUDSDK)_[A-Z0-9_]+$/

export function toolEnvironmentOf(env: NodeJS.ProcessEnv = process.env): ToolEnvironment {
  const those = (isPassed: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value && isPassed(name) ? [[name, value]] : [])))
  const path = env.PATH ?? ''
  const forHelpers = (name: string) => PASSED.includes(name) || HELPERS.includes(name) || HELPERS_OF_CLOUDS.test(name)
  return { path, passed: those((name) => PASSED.includes(name)), helpers: { ...those(forHelpers), PATH: path } }
}
