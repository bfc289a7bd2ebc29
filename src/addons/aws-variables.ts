import type { EnvVar } from '../manifests/target.ts'

/** Where the SDKs think they are. Both servers take any region; this one every SDK knows. */
export const AWS_REGION = 'us-east-1'

/** Who the SDKs say they are. No such key is Amazon's: theirs begin with AKIA or ASIA and have 20 characters. */
export const AWS_ACCESS_KEY_ID = 'westage'

/**
 * What an AWS SDK needs to talk to a service of the preview, and to nothing of Amazon's: credentials that stand before
 * any role of the pod or the node in every SDK's order, and that Amazon knows nothing of (AWS SDKs and Tools Reference
 * Guide: Standardized credential providers, Service-specific endpoints, IMDS credential provider).
 * @param service as in `AWS_ENDPOINT_URL_<SERVICE>`
 * @param secret AWS_SECRET_ACCESS_KEY
 */
export const awsVariables = (service: 'S3' | 'SQS', url: string, secret: EnvVar): readonly EnvVar[] => [
  { name: `AWS_ENDPOINT_URL_${service}`, value: url },
  { name: 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', value: 'false' },
  { name: 'AWS_REGION', value: AWS_REGION },
  { name: 'AWS_DEFAULT_REGION', value: AWS_REGION },
  { name: 'AWS_ACCESS_KEY_ID', value: AWS_ACCESS_KEY_ID },
  secret,
  { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' },
]
