import { StringDecoder } from 'node:string_decoder'

const LINE_MAX_CHARACTERS = 4096

/**
 * Cuts a stream of bytes into lines without their ends: a line ends at `\n`, of what a `\r` overwrote only the last is
 * kept, and a line is cut at 4,096 characters.
 * @param onLine called for each line as soon as it is whole
 */
export function lineSplitter(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    rest += text
    // A last `\r` may be the first half of a `\r\n`.
    rest = rest.slice(rest.lastIndexOf('\r', rest.length - 2) + 1)
    // A line without an end must not grow for ever; one character more than is shown tells that it was cut.
    if (rest.length > LINE_MAX_CHARACTERS + 1) {
      rest = rest.slice(0, LINE_MAX_CHARACTERS + 1) + (rest.endsWith('\r') ? '\r' : '')
    }
  }
  const give = () => {
    const line = rest.endsWith('\r') ? rest.slice(0, -1) : rest
    rest = ''
    onLine(line.length > LINE_MAX_CHARACTERS ? `${line.slice(0, LINE_MAX_CHARACTERS)}…` : line)
  }
  return {
    write(chunk) {
      const [first = '', ...others] = decoder.write(chunk).split('\n')
      take(first)
      for (const text of others) {
        give()
        take(text)
      }
    },
    end() {
      take(decoder.end())
      if (rest !== '') give()
    },
  }
}
