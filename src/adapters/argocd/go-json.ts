/** Fields of Go's JSON, which leaves out empty strings and lists: what is not there is empty. */
import { z } from 'zod'

export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? [])
