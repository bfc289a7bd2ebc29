import { z } from 'zod'
import { addon } from './addon.ts'
import { AWS_ACCESS_KEY_ID, AWS_REGION, awsVariables } from './aws-variables.ts'
import { passwordSecret, passwordVariable } from './password-secret.ts'
import { waitSetting } from './wait-setting.ts'
import { workload } from './workload.ts'

const NAME = 's3'
const PORT = 7070
const URL = `http://${NAME}:${PORT}`
const HEALTH = '/_/health'

/** Amazon S3: General purpose bucket naming rules. */
const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not 3 to 63 small letters, digits, . or -')
  .refine((name) => !name.includes('..') && !/^[0-9]+(\.[0-9]+){3}$/.test(name), { error: 'is no bucket’s name in S3' })
  .refine((name) => !/^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name), {
    error: 'begins or ends as Amazon keeps for itself',
  })

const settings = z.strictObject({
  buckets: z
    .array(bucketName)
    .max(100)
    .refine((names) => new Set(names).size === names.length, { error: 'has a bucket twice' })
    .default([])
    .describe('The buckets that are made.'),
  wait: waitSetting,
})

/** VersityGW, which speaks Amazon S3 and keeps a bucket as a folder. */
export const s3 = addon({
  name: NAME,
  image: 'versity/versitygw@sha256:30292fc2eeacc67a36993b01f7a7a5e3361a19cced0e80c1d71cfa2a4b0a2499', // v1.8.0
  settings,
  env: ({ buckets }) => {
    const [first] = buckets
    return [
      { name: 'WESTAGE_S3_URL', value: URL },
      { name: 'WESTAGE_S3_REGION', value: AWS_REGION },
      { name: 'WESTAGE_S3_ACCESS_KEY_ID', value: AWS_ACCESS_KEY_ID },
      passwordVariable('WESTAGE_S3_SECRET_ACCESS_KEY', NAME),
      ...(first === undefined ? [] : [{ name: 'WESTAGE_S3_BUCKET', value: first }]),
      ...awsVariables('S3', URL, passwordVariable('AWS_SECRET_ACCESS_KEY', NAME)),
    ]
  },
  endpoints: () => [{ host: NAME, port: PORT }],
  isWaitedFor: ({ wait }) => wait,
  manifests: ({ buckets }, request) => [
    ...passwordSecret(NAME, request),
    ...workload(
      {
        name: NAME,
        // The image is made for root and needs none of it: any user will do.
        uid: 65534,
        gid: 65534,
        prepare: `mkdir -p ${['/data/meta', '/data/buckets', ...buckets.map((name) => `/data/buckets/${name}`)].join(' ')}`,
        // Beside the files, what S3 knows of them: not every volume has extended attributes to keep it in.
        args: ['--port', `:${PORT}`, '--health', HEALTH, 'posix', '--sidecar', '/data/meta', '/data/buckets'],
        env: [
          { name: 'ROOT_ACCESS_KEY', value: AWS_ACCESS_KEY_ID },
          passwordVariable('ROOT_SECRET_KEY', NAME),
          { name: 'VGW_REGION', value: AWS_REGION },
        ],
        ports: { s3: PORT },
        isUsable: { httpGet: { path: HEALTH, port: 's3' } },
        startSeconds: 60,
        requests: { cpu: '10m', memory: '48Mi' },
        memoryLimit: '256Mi',
        scratch: { data: '/data' },
        config: [request.passwordOf(NAME) ?? ''],
      },
      request,
    ),
  ],
})
