import { controlTextsOf } from '../control-texts.ts'
import { shown } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule } from '../rule.ts'

/** Where clouds tell a machine its credentials: AWS, Google Cloud, Azure, Oracle (169.254/16), AWS by IPv6, Alibaba. */
const ADDRESSES =
  /\b169\.254\.\d|fd00:ec2::254|\b100\.100\.100\.200\b|\bmetadata\.google\.internal\b|\b0251\.0376\b|\b0xa9fea9fe\b|\b2852039166\b/i

/** The same as the host of a URL, in the one form that URLs have for an address (URL Standard, host parsing). */
const HOSTS =
  /^(169\.254\.|\[::ffff:a9fe:|100\.100\.100\.200$|\[::ffff:6464:64c8\]$|(metadata|metadata\.goog|instance-data)$)/
const URLS = /https?:\/\/[^\s,;"'<>]+/gi

/** What a pod does with such an address is for network policies to stop; this is for what controllers are told to do. */
export const metadataAddresses: Rule = {
  name: 'metadata-addresses',
  why: 'A controller that is sent there answers with the credentials of its own machine.',
  verdicts: EVERYWHERE,
  exemption: 'possible',
  breachesOf: (subject) =>
    (isAsked(subject.controlText) ? controlTextsOf(subject) : [])
      .filter(({ text }) => isAsked(text))
      .map(({ field, text }) => ({
        field,
        words: `has an address of the cloud’s metadata, ${shown(text)}: leave it out`,
      })),
}

const isAsked = (text: string): boolean =>
  ADDRESSES.test(text) ||
  [...text.matchAll(URLS)].some(([url]) => URL.canParse(url) && HOSTS.test(new URL(url).hostname))
