/** What prepare came to, on its way from the worker to the service. */
import { z } from 'zod'
import { Terminal } from '../domain/errors.ts'
import type { Json } from '../manifests/json.ts'
import { groupKindOf, namespaceIn, objectName } from '../manifests/manifest.ts'
import { manifestsOf } from '../manifests/parse.ts'
import type { Prepared } from '../reconcile/prepare.ts'
import { ChoicesSchema } from '../settings/app-file-schema.ts'
import { ExactSchema, fromJson, toJson } from './exact-json.ts'

/** JSON.parse gives nothing else. */
const json = z.custom<Json>((value) => value !== undefined)
const FROM = 'what the worker made'

export const ResultSchema = z.object({
  manifests: z.array(json),
  /** Numbers in them that JSON does not hold. */
  exact: z.array(ExactSchema),
  images: z.record(z.string(), z.string()),
  notices: z.array(z.string()),
  choices: ChoicesSchema,
  files: z.array(z.tuple([z.string(), z.string()])),
})
export type Result = z.output<typeof ResultSchema>

/** As it can be written. */
export function resultOf({ bundle, notices, choices, files }: Prepared): Result {
  const { value, exact } = toJson(bundle.manifests)
  return {
    manifests: value as Json[],
    exact: [...exact],
    images: { ...bundle.images },
    notices: [...notices],
    choices,
    files: [...files],
  }
}

/**
 * What it was, held once more to what manifests are.
 * @param namespace the preview's: nothing is anywhere else
 * @throws {Terminal} (operator) it is not, or is elsewhere: no worker of ours makes that
 * @throws {Error} no worker of ours says this
 */
export function preparedOf({ manifests, exact, images, notices, choices, files }: Result, namespace: string): Prepared {
  const value = fromJson(manifests, exact)
  const read = readAgain(value as readonly Json[])
  const [first] = read
  if (first === undefined || groupKindOf(first) !== 'Namespace' || first.metadata.name !== namespace) {
    throw new Error(`${FROM} does not begin with the preview's Namespace`)
  }
  const elsewhere = read.find((manifest) => !['', namespace].includes(namespaceIn(manifest)))
  if (elsewhere !== undefined) throw notOurs(`${objectName(elsewhere)} is not in the preview's namespace`)
  return { bundle: { manifests: read, images }, notices, choices, files: new Map(files) }
}

/** It has held them to the same rules: where they do not pass, it is no more what it was. */
function readAgain(values: readonly Json[]): ReturnType<typeof manifestsOf> {
  try {
    return manifestsOf(values, FROM)
  } catch (error) {
    throw error instanceof Terminal ? notOurs(error.message, error) : error
  }
}

/** An author could not mend it. */
const notOurs = (message: string, cause?: Error): Terminal => new Terminal(message, { whose: 'operator', cause })
