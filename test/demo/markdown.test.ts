import { describe, expect, it } from 'vitest'
import { markdownToHtml } from './markdown.ts'

describe('Markdown in the demo’s page', () => {
  it('shows tables, bold text and bare links, and no comments', () => {
    const shown = markdownToHtml(
      '**render** failed\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n\nhttp://a.localhost:80/\n\n<!-- m -->',
    )
    expect(shown).toContain('<strong>render</strong>')
    expect(shown).toContain('<td align="right">2</td>')
    expect(shown).toContain('<a href="http://a.localhost:80/" target="_blank" rel="noreferrer">')
    expect(shown).not.toContain('m -->')
  })

  it('lets no markup through', () => {
    for (const text of [
      '<script>alert(1)</script>',
      'a <img src=x onerror=alert(1)> b',
      '<!-- x --><b onclick=alert(1)>',
      '[a](javascript:alert(1))',
      '[a](http://b"onmouseover="alert(1))',
      '![a](javascript:alert(1))',
      '`<i>`\n\n```html\n<i>\n```',
      '[a](http://b "\\"><i>")',
    ]) {
      const tags = markdownToHtml(text).match(/<[^>]*>/g) ?? []
      expect(
        tags.filter(
          (tag) =>
            !/^<\/?(p|code|pre|a)( class="language-html"| href="http:[^"]*" target="_blank" rel="noreferrer")?>$/.test(
              tag,
            ),
        ),
      ).toEqual([])
    }
  })
})
