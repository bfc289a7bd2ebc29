import { z } from 'zod'

/** An answer of GraphQL: both may be there. */
export interface GraphqlAnswer<T> {
  readonly data: T | null
  readonly errors: readonly GraphqlError[]
}

export interface GraphqlError {
  /** `STALE_DATA`, `FORBIDDEN` and the like, where GitHub tells what kind it is. */
  readonly type: string | null
  readonly message: string
  /** The query itself was not understood, so that nothing was done. */
  readonly isOfQuery: boolean
}

/** An answer's body. GitHub puts `type` beside the message, and a `code` into `extensions` where a query is not valid. */
export const graphqlAnswer = <T>(data: z.ZodType<T>): z.ZodType<GraphqlAnswer<T>> =>
  z
    .object({
      data: data.nullish(),
      errors: z
        .array(
          z.object({
            type: z.string().nullish(),
            message: z.string(),
            extensions: z.object({ code: z.string().nullish() }).nullish(),
          }),
        )
        .nullish(),
    })
    .transform(({ data: found, errors }) => ({
      data: found ?? null,
      errors: (errors ?? []).map(({ type, message, extensions }) => ({
        type: type ?? null,
        message,
        isOfQuery: extensions?.code != null,
      })),
    }))

/**
 * GitHub: "Forming calls with GraphQL": beside REST, and on an Enterprise Server at `/api/graphql`.
 * @param apiUrl of REST: `https://api.github.com`, `https://<host>/api/v3`
 */
export const graphqlUrlOf = (apiUrl: string): string => `${apiUrl.replace(/\/+$/, '').replace(/\/v3$/, '')}/graphql`
