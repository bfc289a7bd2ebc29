/** The events that the App subscribed to; `installation`, `installation_repositories` and `ping` come unasked. */
export const SUBSCRIBED: readonly string[] = ['check_run', 'check_suite', 'pull_request']
