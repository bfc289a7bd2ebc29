/** Values that Kubernetes has rules for, as people write them in a settings file. */
import { z } from 'zod'

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'

/** Kubernetes: RFC 1123 Label Names. The names of namespaces, and of most objects. */
export const objectName = z
  .string()
  .max(253, 'is longer than 253 characters')
  .regex(new RegExp(`^${LABEL}(?:\\.${LABEL})*$`), 'is not the name of an object: small letters, digits, - and .')

/** A host as an Ingress names it; the first label may be `*`. */
export const exposedHost = z
  .string()
  .max(253, 'is longer than 253 characters')
  .regex(new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`), 'is not a host such as shop.example.com')

/** Kubernetes: Namespaces are DNS labels. */
export const namespaceName = z
  .string()
  .regex(new RegExp(`^${LABEL}$`), 'is not the name of a namespace: at most 63 small letters, digits and -')

const NO_QUANTITY = 'is not a quantity such as 500m, 2, 64Mi or 1Gi'

/** Kubernetes: Quantity. A bare number is one too, as `pods: 40`. */
export const quantity = z
  .union(
    [
      z.string().regex(/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/, NO_QUANTITY),
      z.number().nonnegative(NO_QUANTITY),
    ],
    { error: NO_QUANTITY },
  )
  .transform(String)

/** Quantities of resources over the instance's own: each can be set, and taken out with null. */
export const quantities = (standard: Readonly<Record<string, string>>) =>
  z
    .record(
      z
        .string()
        .max(253)
        .regex(
          /^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/,
          'is not the name of a resource such as memory or requests.cpu',
        ),
      quantity.nullable(),
    )
    .prefault(standard)
    .transform((given): Readonly<Record<string, string>> => {
      const entries = Object.entries({ ...standard, ...given })
      return Object.fromEntries(entries.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
    })

/** `Deployment.apps`; a kind of the core group is its name alone: `Pod`. */
export const groupKind = z
  .string()
  .regex(
    new RegExp(`^[A-Z][A-Za-z0-9]{0,62}(?:\\.${LABEL})*$`),
    'is not a kind with its group, such as Deployment.apps, or Pod in the core group',
  )

/** Where something stands in an object, keys only: `spec.template`. */
export const fieldPath = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z][A-Za-z0-9_-]*)*$/, 'is not a path of keys such as spec.template')

/** Kubernetes: EnvVar v1 core, as every shell takes it. */
export const variables = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not the name of a variable: letters, digits and _'),
    z.string({ error: 'has to be text: put it in quotes' }),
  )
  .prefault({})

/** Kubernetes: Labels and Selectors. */
export const labels = z.record(
  z
    .string()
    .regex(
      new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`),
      'is not the name of a label',
    ),
  z
    .string()
    .regex(
      /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
      'is not the value of a label: at most 63 letters, digits, -, _ and .',
    ),
)

/** Some of the IPv4 or IPv6 addresses. Kubernetes: IPBlock: an exception is smaller than what it is excepted from. */
export const cidr = z
  .union([z.cidrv4(), z.cidrv6()], { error: 'is not a range of addresses such as 10.0.0.0/8' })
  .refine((range) => !range.endsWith('/0'), { error: 'is every address there is: set internet to false instead' })
