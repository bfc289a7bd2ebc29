import { z } from 'zod'

/** An address of a server, without a slash at its end. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''))

/** One that may stand in a log. */
export const loggedUrl = httpUrl.refine((url) => !/^https?:\/\/[^/]*@/.test(url), { error: 'has credentials in it' })
