import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsIn, linksIn, markdownFiles, ROOT } from './written.ts'

const isRelative = (link: string): boolean => !/^[a-z][a-z0-9+.-]*:/i.test(link)

describe('the documentation', () => {
  it.each(markdownFiles)('%s leads only to files and headings that are there', (file) => {
    const broken = linksIn(file)
      .filter(isRelative)
      .filter((link) => {
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? file : join(dirname(file), path)
        if (!existsSync(join(ROOT, target))) return true
        return anchor !== undefined && !anchorsIn(target).includes(anchor)
      })
    expect(broken).toEqual([])
  })

  it('can be reached from the README, every page of docs/', () => {
    const reached = new Set<string>()
    const reach = (file: string) => {
      if (reached.has(file) || !file.endsWith('.md')) return
      reached.add(file)
      for (const link of linksIn(file).filter(isRelative)) reach(join(dirname(file), link.split('#')[0] || '.'))
    }
    reach('README.md')
    expect(markdownFiles.filter((file) => file.startsWith('docs/') && !reached.has(file))).toEqual([])
  })
})
