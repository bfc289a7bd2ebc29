import { z } from 'zod'
import { Terminal } from '../domain/errors.ts'
import type { Preview } from '../domain/preview.ts'
import { CallbackSchema } from './callback.ts'
import type { Json } from './json.ts'
import { printYaml } from './print-yaml.ts'
import { readYaml } from './yaml.ts'
import { NotJson, NotYaml } from './yaml-faults.ts'

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const label = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(new RegExp(`^${LABEL}$`))
const host = z
  .string()
  .max(253)
  .regex(new RegExp(`^${LABEL}(?:\\.${LABEL})*$`))
const wildcard = z
  .string()
  .max(253)
  .regex(new RegExp(`^\\*\\.${LABEL}(?:\\.${LABEL})*$`))
/** RFC 3986 without quotes; nothing in it ends a YAML scalar or begins a template. */
const url = z
  .string()
  .max(2000)
  .regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~!$&()*+,;=:@%/?#-]*)?$/)
const image = z
  .string()
  .max(500)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/)
const cluster = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/)
const id = z.int().positive()

/**
 * The schema of preview.yaml. Argo CD's git generator puts these values into Go templates, and `templatePatch` puts
 * what they make into YAML: no value has braces, quotes, white space or control characters, none begins with a
 * character that means something in YAML. The top level is closed: `path` and `values` are Argo CD's own there.
 */
export const PreviewSchema = z.strictObject({
  app: label(30),
  slug: label(63),
  namespace: label(63),
  repository: z.strictObject({
    id,
    name: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/),
  }),
  pull: z.strictObject({
    number: id,
    url,
    branch: z
      .string()
      .max(255)
      .regex(/^[\p{L}\p{N}_./][\p{L}\p{M}\p{N}_./+@#=()~-]*$/u),
    author: z
      .string()
      .max(120)
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.[\]-]*$/),
  }),
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  url: z.union([z.literal(''), url]),
  hosts: z.array(host).max(200),
  // Not there in files of older versions.
  wildcards: z.array(wildcard).max(200).default([]),
  images: z.record(
    image,
    z
      .string()
      .max(500)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*@sha256:[0-9a-f]{64}$/),
  ),
  // Not there in files of older versions.
  common: z.union([z.literal(''), z.string().regex(/^[0-9a-f]{40}$/)]).default(''),
  page: url,
  // Both keys are always there: a template that asks for one that is not would stop its whole ApplicationSet.
  destination: z.union(
    [z.strictObject({ name: cluster, server: z.literal('') }), z.strictObject({ name: z.literal(''), server: url })],
    { error: 'is not a cluster: of name and server one names it, and the other is empty' },
  ),
  callbacks: z
    .array(
      CallbackSchema.extend({
        service: z.strictObject({ name: label(63), port: z.int().min(1).max(65535) }).exactOptional(),
      }),
    )
    .max(100),
})

/**
 * `preview` as the text of preview.yaml. Of branch, author and image names, which are the author's to choose and stand
 * there to be read by people, what the schema does not take becomes `_`.
 * @throws {Terminal} (operator) another value that the schema does not take, naming all of them
 */
export function printPreview(preview: Preview): string {
  const { pull, images } = preview
  const read = PreviewSchema.safeParse({
    ...preview,
    pull: { ...pull, branch: safeBranch(pull.branch), author: safeAuthor(pull.author) },
    images: Object.fromEntries(Object.entries(images).map(([name, reference]) => [safeImage(name), reference])),
  })
  if (read.success) return printYaml(read.data)
  throw new Terminal(`preview.yaml would not be valid: ${faultOf(read.error)}`, {
    whose: 'operator',
    cause: read.error,
  })
}

/** The preview that a preview.yaml describes, or all that is wrong with it in one line. */
export function parsePreview(text: string): { readonly preview: Preview } | { readonly fault: string } {
  const document = documentIn(text)
  if ('fault' in document) return document
  const read = PreviewSchema.safeParse(document.json)
  return read.success ? { preview: read.data } : { fault: faultOf(read.error) }
}

function documentIn(text: string): { readonly json: Json } | { readonly fault: string } {
  try {
    const [json, ...others] = readYaml(text)
    return json !== undefined && others.length === 0
      ? { json }
      : { fault: `has ${json === undefined ? 0 : others.length + 1} documents, not one` }
  } catch (error) {
    if (error instanceof NotYaml || error instanceof NotJson) return { fault: error.message }
    throw error
  }
}

const faultOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ')

const safeBranch = (branch: string): string =>
  cut(branch.replace(/[^\p{L}\p{M}\p{N}_./+@#=()~-]/gu, '_').replace(/^(?![\p{L}\p{N}_./])./u, '_') || '_', 255)

const safeAuthor = (author: string): string =>
  cut(author.replace(/[^A-Za-z0-9_.[\]-]/g, '_').replace(/^[^A-Za-z0-9_]/, '_') || '_', 120)

const safeImage = (name: string): string =>
  cut(name.replace(/[^A-Za-z0-9._:/-]/g, '_').replace(/^[^A-Za-z0-9]+/, '') || 'image', 500)

/** At most `max` UTF-16 units, never half a character. */
const cut = (text: string, max: number): string => text.slice(0, max).replace(/\p{Surrogate}$/u, '')
