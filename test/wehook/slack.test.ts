import { expect, it } from 'vitest'
import { slack } from '../../src/wehook/signatures/slack.ts'

/** Slack: "Verifying requests from Slack". */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const AT_MS = 1_531_420_618_000
const HEADERS: Readonly<Record<string, string>> = {
  'x-slack-request-timestamp': '1531420618',
  'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
}
const BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V' +
  '&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
  '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
  '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'

const verdict = (body: string, atMs = AT_MS) =>
  slack([Buffer.from(SECRET)], 300)({ header: (name) => HEADERS[name], body: Buffer.from(body), atMs })

it('believes what the documentation of Slack shows as genuine, at its time, and nothing cut short of it', () => {
  expect(verdict(BODY)).toEqual({ mark: expect.any(String) })
  expect(verdict(BODY, AT_MS + 301_000)).toMatchObject({ refused: 'stale' })
  expect(verdict(BODY.slice(0, -1))).toMatchObject({ refused: 'forged' })
})
