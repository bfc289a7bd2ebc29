/** What of a page is read: its words, without markup. */
export const wordsOf = (page: string): string => page.replace(/<style>.*<\/style>|<[^>]*>/gs, ' ').replace(/\s+/g, ' ')
