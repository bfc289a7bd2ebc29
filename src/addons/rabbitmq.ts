import { z } from 'zod'
import { addon } from './addon.ts'
import { passwordSecret, passwordVariable } from './password-secret.ts'
import { waitSetting } from './wait-setting.ts'
import { workload } from './workload.ts'

const NAME = 'rabbitmq'
const PORT = 5672
const MANAGEMENT_PORT = 15672

const settings = z.strictObject({
  vhost: z
    .string()
    .regex(/^[0-9A-Za-z_./-]{1,100}$/, 'is not 1 to 100 letters, digits, _, ., / or -')
    .default('/')
    .describe('The virtual host that is made.'),
  /** RabbitMQ: Access Control. `guest` may connect from the same machine only. */
  user: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,64}$/, 'is not 1 to 64 letters, digits, _ or -')
    .refine((name) => name !== 'guest', { error: 'is not let in from another pod' })
    .default('app')
    .describe('The administrator.'),
  wait: waitSetting,
})

/** RabbitMQ with its management UI. */
export const rabbitmq = addon({
  name: NAME,
  image: 'rabbitmq@sha256:96827325bdd90cb6feecd35bd9e37276876359a092570550edc58ce234273c15', // 4.3-management-alpine
  settings,
  env: ({ vhost, user }) => [
    { name: 'WESTAGE_RABBITMQ_HOST', value: NAME },
    { name: 'WESTAGE_RABBITMQ_PORT', value: String(PORT) },
    { name: 'WESTAGE_RABBITMQ_USER', value: user },
    passwordVariable('WESTAGE_RABBITMQ_PASSWORD', NAME),
    { name: 'WESTAGE_RABBITMQ_VHOST', value: vhost },
    {
      // RabbitMQ: URI Specification. A slash of the virtual host is written %2F.
      name: 'WESTAGE_RABBITMQ_URL',
      value: `amqp://${user}:$(WESTAGE_RABBITMQ_PASSWORD)@${NAME}:${PORT}/${encodeURIComponent(vhost)}`,
    },
    { name: 'WESTAGE_RABBITMQ_MANAGEMENT_URL', value: `http://${NAME}:${MANAGEMENT_PORT}` },
  ],
  endpoints: () => [{ host: NAME, port: PORT }],
  isWaitedFor: ({ wait }) => wait,
  manifests: ({ vhost, user }, request) => [
    ...passwordSecret(NAME, request),
    ...workload(
      {
        name: NAME,
        uid: 100,
        gid: 101,
        env: [
          { name: 'RABBITMQ_DEFAULT_USER', value: user },
          passwordVariable('RABBITMQ_DEFAULT_PASS', NAME),
          { name: 'RABBITMQ_DEFAULT_VHOST', value: vhost },
          // A node is called after its host otherwise, which is another one for each pod.
          { name: 'RABBITMQ_NODENAME', value: 'rabbit@localhost' },
        ],
        ports: { amqp: PORT, management: MANAGEMENT_PORT },
        // RabbitMQ opens this port last, when users and virtual host are there; its own tools start a VM to ask.
        isUsable: { tcpSocket: { port: 'amqp' } },
        startSeconds: 300,
        requests: { cpu: '50m', memory: '192Mi' },
        memoryLimit: '512Mi',
        scratch: { data: '/var/lib/rabbitmq' },
        config: [request.passwordOf(NAME) ?? ''],
      },
      request,
    ),
  ],
})
