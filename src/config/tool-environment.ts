/** What tools that WeStage runs are given of the process's environment, and nothing else. */
export interface ToolEnvironment {
  readonly path: string
  /** How a container engine or a proxy is reached, where that is set. */
  readonly passed: Readonly<Record<string, string>>
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

export function toolEnvironmentOf(env: NodeJS.ProcessEnv = process.env): ToolEnvironment {
  const passed = PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { path: env.PATH ?? '', passed: Object.fromEntries(passed) }
}
