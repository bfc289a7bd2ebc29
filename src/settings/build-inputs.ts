/** What a Dockerfile is built with beside its context, as people write it in a settings file. */
import { z } from 'zod'
import type { BuildInputs } from '../domain/image.ts'

/** Docker, "Dockerfile reference", ARG. What starts so tells BuildKit how to build ("BuildKit built-in build args"). */
const BUILDERS_OWN = /^BUILDKIT_/i

const argumentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not the name of an argument: letters, digits and _')
  .refine((name) => !BUILDERS_OWN.test(name), { error: 'is an argument of the builder, which is not set here' })

/** No process can be given a NUL. */
const argumentValue = z
  .string({ error: 'has to be text: put it in quotes' })
  .max(32_768, 'is longer than 32,768 characters')
  .refine((value) => !value.includes('\0'), { error: 'has a sign that nobody sees' })

const args = z.record(argumentName, argumentValue)

/** Docker, "Dockerfile reference", FROM ... AS; a stage without a name has its number. */
const target = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'is not the name of a stage')

/** containerd, "platforms": os/architecture, or os/architecture/variant. */
const platform = z
  .string()
  .regex(/^[a-z0-9]{1,32}\/[a-z0-9_]{1,32}(?:\/[a-z0-9.]{1,32})?$/, 'is not a platform such as linux/amd64')
const platforms = z.array(platform).max(10, 'are more than 10 platforms')

/** Docker, "Build secrets": a step names one as `id`. */
const secretName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'is not the name of a secret')

/** The instance's, for an app. */
export const BuildSettingsSchema = z.strictObject({
  args: args.default({}).describe('Build arguments, by name.'),
  target: target.nullable().default(null).describe('The stage of the Dockerfile that is built. Without it: the last.'),
  platforms: platforms
    .default([])
    .describe('The platforms that the image is for, such as `linux/amd64`. None: the one that the builder runs on.'),
  secrets: z
    .record(secretName, z.string().min(1))
    .default({})
    .describe('Build secrets: by the name that a Dockerfile mounts one by, the file that holds it.'),
})

/** An author's, over the instance's; null: nothing was said. */
export const BuildChoicesSchema = z.strictObject({
  args: args.nullable().default(null).describe("Build arguments, by name, over the instance's own."),
  target: target.nullable().default(null).describe('The stage of the Dockerfile that is built.'),
  platforms: platforms.nullable().default(null).describe('The platforms that the image is for, such as `linux/amd64`.'),
})

/** What the instance has for a build, with what an author changed of it. */
export const chosenInputs = <Own extends BuildInputs>(
  own: Own,
  choices: z.output<typeof BuildChoicesSchema> | null,
): Own => ({
  ...own,
  args: { ...own.args, ...choices?.args },
  target: choices?.target ?? own.target,
  platforms: choices?.platforms ?? own.platforms,
})
