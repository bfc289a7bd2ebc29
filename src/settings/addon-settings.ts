import { z } from 'zod'

/** An add-on's name. */
export const addonName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'is not the name of an add-on: small letters, digits and -')

/** The add-ons that an app wants, each with its settings: `mysql: { database: shop }`. */
export const wantedAddons = z
  .record(
    addonName,
    z
      .record(z.string(), z.unknown())
      .nullable()
      .transform((settings) => settings ?? {}),
  )
  .prefault({})
