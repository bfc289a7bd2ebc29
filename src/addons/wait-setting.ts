import { z } from 'zod'

/** Every add-on's: whether the app's pods begin only when the service is usable. */
export const waitSetting = z
  .boolean()
  .default(false)
  .describe('Whether every pod of the app waits, in an init container, until the service is usable.')
