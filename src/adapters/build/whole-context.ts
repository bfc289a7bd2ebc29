/** When a build may see what its ignore file leaves out of the context. */

/** Mounts of these types show nothing of the context. Docker, "Dockerfile reference", RUN --mount. */
const NO_CONTEXT = ['cache', 'tmpfs', 'secret', 'ssh']

/**
 * Whether a step mounts the context, which buildah does with all that is in it. Text that only looks like such a step
 * counts as one.
 */
export const mountsContext = (dockerfile: string): boolean =>
  [...dockerfile.matchAll(/--mount\b=?(\S*)/gi)].some(([, mount = '']) => {
    const fields = new Map(mount.split(',').map((field) => [field.split('=')[0], field.slice(field.indexOf('=') + 1)]))
    return !fields.has('from') && !NO_CONTEXT.includes(fields.get('type') ?? 'bind')
  })
