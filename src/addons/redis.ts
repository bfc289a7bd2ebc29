import { z } from 'zod'
import { addon } from './addon.ts'
import { passwordSecret, passwordVariable } from './password-secret.ts'
import { waitSetting } from './wait-setting.ts'
import { shellProbe, workload } from './workload.ts'

const NAME = 'redis'
const PORT = 6379
/** Redis: ACL. Whom `requirepass` is about; some clients, redis-cli among them, take no name in a URL for one of ''. */
const USER = 'default'

/** Redis, which keeps everything in memory and writes nothing to disk. */
export const redis = addon({
  name: NAME,
  image: 'redis@sha256:ff02b58f971e7d7d156a1267e283fcbbeee91773b6aa36c49dac28ecfe28eadf', // 7.4.11-alpine
  settings: z.strictObject({ wait: waitSetting }),
  env: () => [
    { name: 'WESTAGE_REDIS_HOST', value: NAME },
    { name: 'WESTAGE_REDIS_PORT', value: String(PORT) },
    { name: 'WESTAGE_REDIS_USER', value: USER },
    passwordVariable('WESTAGE_REDIS_PASSWORD', NAME),
    { name: 'WESTAGE_REDIS_URL', value: `redis://${USER}:$(WESTAGE_REDIS_PASSWORD)@${NAME}:${PORT}/0` },
  ],
  endpoints: () => [{ host: NAME, port: PORT }],
  isWaitedFor: ({ wait }) => wait,
  manifests: (_, request) => [
    ...passwordSecret(NAME, request),
    ...workload(
      {
        name: NAME,
        uid: 999,
        gid: 1000,
        args: [
          'redis-server',
          '--save',
          '',
          '--appendonly',
          'no',
          // Below the container's limit, so that a write fails and says why, rather than the pod.
          '--maxmemory',
          '128mb',
          '--requirepass',
          '$(REDIS_PASSWORD)',
        ],
        env: [passwordVariable('REDIS_PASSWORD', NAME)],
        ports: { redis: PORT },
        isUsable: shellProbe('REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli -h 127.0.0.1 ping | grep -q PONG'),
        startSeconds: 60,
        requests: { cpu: '10m', memory: '32Mi' },
        memoryLimit: '192Mi',
        scratch: { data: '/data' },
        config: [request.passwordOf(NAME) ?? ''],
      },
      request,
    ),
  ],
})
