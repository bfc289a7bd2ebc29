import { z } from 'zod'
import { addon } from './addon.ts'
import { waitSetting } from './wait-setting.ts'
import { workload } from './workload.ts'

const NAME = 'smtp'
const PORT = 1025
const WEB_PORT = 8025

/** Mailpit, which takes every mail, sends none on, and shows them on a page. It takes any user and password. */
export const smtp = addon({
  name: NAME,
  image: 'axllent/mailpit@sha256:7f33095f80e901f6ad08028f06ca284aa58fe84942be5496008d041d3b9f4d4d', // v1.30.6
  settings: z.strictObject({ wait: waitSetting }),
  env: () => [
    { name: 'WESTAGE_SMTP_HOST', value: NAME },
    { name: 'WESTAGE_SMTP_PORT', value: String(PORT) },
    { name: 'WESTAGE_SMTP_URL', value: `smtp://${NAME}:${PORT}` },
    { name: 'WESTAGE_SMTP_WEB_URL', value: `http://${NAME}:${WEB_PORT}` },
  ],
  endpoints: () => [{ host: NAME, port: PORT }],
  isWaitedFor: ({ wait }) => wait,
  manifests: (_, request) =>
    workload(
      {
        name: NAME,
        // The image is made for root and needs none of it: any user will do.
        uid: 65534,
        gid: 65534,
        env: [
          { name: 'MP_SMTP_AUTH_ACCEPT_ANY', value: 'true' },
          { name: 'MP_SMTP_AUTH_ALLOW_INSECURE', value: 'true' },
          { name: 'MP_DISABLE_VERSION_CHECK', value: 'true' },
        ],
        ports: { smtp: PORT, web: WEB_PORT },
        isUsable: { httpGet: { path: '/readyz', port: 'web' } },
        startSeconds: 60,
        requests: { cpu: '10m', memory: '32Mi' },
        memoryLimit: '128Mi',
        // Its database, of 500 mails at most.
        scratch: { data: '/tmp' },
        config: [],
      },
      request,
    ),
})
