/** What must never stand in a log, whoever printed it: the instance's own secrets, and whatever looks like one. */

const REDACTED = '***'
/** A shorter secret would black out ordinary words; none that is worth keeping is that short. */
const SECRET_MIN = 6

/**
 * Credentials by their form. Lookbehinds keep each pattern linear on a long line.
 * Sources: GitHub docs "About authentication to GitHub" (token prefixes), RFC 9110 (Authorization), RFC 3986 (userinfo),
 * AWS IAM "Unique identifiers" (key ids), RFC 7468 (PEM), RFC 7519 (JWT), Docker's config.json (auth).
 */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g, REDACTED],
  [/(?<![A-Za-z0-9])(?:gh[a-z]_[A-Za-z0-9_.-]{16,}|github_pat_[A-Za-z0-9_]{16,})/g, REDACTED],
  [/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?/g, REDACTED],
  [/(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])/g, REDACTED],
  [/(aws_?secret_?access_?key|aws_?session_?token)(["']?\s{0,8}[:=]\s{0,8}["']?)[^\s"',]+/gi, `$1$2${REDACTED}`],
  // Quoted as an argument (`-H 'Authorization: …'`) it ends at the quote, else only at the end of the line.
  [/(["'])((?:proxy-)?authorization\s{0,8}[:=]\s{0,8})(?:(?!\1).)+/gi, `$1$2${REDACTED}`],
  [/((?:proxy-)?authorization(["'])\s{0,8}[:=]\s{0,8}\2)(?:(?!\2).)+/gi, `$1${REDACTED}`],
  [/(?<!["'])((?:proxy-)?authorization\s{0,8}[:=]\s{0,8})(?!\*\*\*).+/gi, `$1${REDACTED}`],
  [/(?<![A-Za-z0-9])(bearer\s{1,8})[A-Za-z0-9._~+/=-]{16,}/gi, `$1${REDACTED}`],
  [/("auth"\s{0,8}:\s{0,8}")[^"]+/g, `$1${REDACTED}`],
  [/(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>]+@/g, `$1${REDACTED}@`],
]

export interface Redactor {
  /** One line without what must not be shown. */
  redact(line: string): string
  /** No configured secret, in whatever form it is looked for, is longer than this. */
  readonly longest: number
}

/**
 * Looks for each secret as it is, line by line where it has several, as a URL or a JSON string would carry it, and in
 * base64 wherever in a longer text it stands (`user:<secret>`), its lines too; and for `PATTERNS`.
 */
export function redactorOf(secrets: readonly string[]): Redactor {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length)
  const literal = forms.length === 0 ? null : new RegExp(forms.map(escaped).join('|'), 'g')
  return {
    longest: forms[0]?.length ?? 0,
    redact: (line) => {
      const known = literal === null ? line : line.replace(literal, REDACTED)
      return PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), known)
    },
  }
}

function formsOf(secret: string): string[] {
  const whole = secret.trim()
  const lines = whole.split(/\r?\n/).map((line) => line.trim())
  // The frame of a PEM file is not secret, and its pattern needs it.
  const bare = lines.filter((line) => !line.startsWith('-----'))
  const texts = lines.length === 1 ? [whole] : bare
  return [
    ...texts.flatMap((text) => [text, encodeURIComponent(text)]),
    JSON.stringify(whole).slice(1, -1),
    ...[whole, secret, ...texts].flatMap(base64FormsOf),
  ].filter((form) => form.length >= SECRET_MIN)
}

/** RFC 4648: three bytes make four characters, so a text has three forms by where it starts. */
function base64FormsOf(text: string): string[] {
  if (text.length < SECRET_MIN) return []
  const bytes = Buffer.from(text)
  const inner = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  })
  return [bytes.toString('base64'), bytes.toString('base64url'), ...inner].flatMap((form) => [
    form,
    form.replaceAll('+', '-').replaceAll('/', '_'),
  ])
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
