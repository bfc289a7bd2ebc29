import { Marked } from 'marked'

/**
 * Markdown as GitHub shows it in a Check: tables, bare links, no HTML comments. HTML comes out as text, and a link
 * leads to http or https or is none, so what comes back may stand in a page (GitHub Flavored Markdown).
 */
export const markdownToHtml = (text: string): string => markdown.parse(text, { async: false })

const markdown = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escaped(text.replace(/<!--[\s\S]*?-->/g, '')),
    image: ({ text }) => escaped(text),
    link({ href, tokens }) {
      const inside = this.parser.parseInline(tokens)
      if (!/^https?:\/\//i.test(href)) return inside
      return `<a href="${escaped(href)}" target="_blank" rel="noreferrer">${inside}</a>`
    },
  },
})

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
