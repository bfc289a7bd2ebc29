/** What POST and PATCH of a Check run take. GitHub: REST, "Create a check run", "Update a check run". */
import { z } from 'zod'

const TEXT_MAX = 65_535

/** Only GitHub sets `stale` and `startup_failure`. */
const Conclusion = z.enum(['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'timed_out'])
const Time = z.iso.datetime({ offset: true })

const Annotation = z.strictObject({
  path: z.string(),
  start_line: z.int(),
  end_line: z.int(),
  start_column: z.int().optional(),
  end_column: z.int().optional(),
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  message: z.string(),
  title: z.string().max(255).optional(),
  raw_details: z.string().optional(),
})

/** The schema of an update lets `title` out, and yet its text says "Required"; both need it here. */
const Output = z.strictObject({
  title: z.string(),
  summary: z.string().max(TEXT_MAX),
  text: z.string().max(TEXT_MAX).optional(),
  annotations: z.array(Annotation).max(50).optional(),
  images: z
    .array(z.strictObject({ alt: z.string(), image_url: z.string(), caption: z.string().optional() }))
    .optional(),
})

const Action = z.strictObject({
  label: z.string().max(20),
  description: z.string().max(40),
  identifier: z.string().max(20),
})

const shared = {
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  /** The others are for GitHub Actions alone. */
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  started_at: Time.optional(),
  conclusion: Conclusion.optional(),
  completed_at: Time.optional(),
  output: Output.optional(),
  actions: z.array(Action).max(3).optional(),
}

export const CheckRunCreation = z.strictObject({ name: z.string().min(1), head_sha: z.string(), ...shared })
export const CheckRunUpdate = z.strictObject({ name: z.string().min(1).optional(), ...shared })
export type CheckRunChange = z.infer<typeof CheckRunUpdate>
