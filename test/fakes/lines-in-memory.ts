import type { Differences } from '../../src/ports.ts'

/** Lines that one version has and the other has not, file by file, in the manner of a diff. */
export const linesInMemory: Differences = {
  async of(before, after) {
    const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
    return paths
      .flatMap((path) => {
        const [was, is] = [before, after].map((files) => files.get(path)?.split('\n') ?? [])
        const gone = was?.filter((line) => is?.includes(line) === false) ?? []
        const added = is?.filter((line) => was?.includes(line) === false) ?? []
        if (gone.length + added.length === 0) return []
        return [`--- ${path}`, ...gone.map((line) => `-${line}`), ...added.map((line) => `+${line}`)]
      })
      .join('\n')
  },
}
