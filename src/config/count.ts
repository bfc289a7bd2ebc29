import { z } from 'zod'

/** A whole number above 0. */
export const count = (standard: number) => z.int().positive().default(standard)
