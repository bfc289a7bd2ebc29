/** The smallest text that still breaks: pieces are left out as long as it does, larger ones first. */
export async function shrink(text: string, isBroken: (text: string) => Promise<boolean>): Promise<string> {
  let smallest = text
  for (let size = Math.ceil(text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length; ) {
      const shorter = smallest.slice(0, at) + smallest.slice(at + size)
      if (await isBroken(shorter)) smallest = shorter
      else at += size
    }
  }
  return smallest
}
