import type { RunUpdate } from '../../domain/run-view.ts'
import { STEPS, type StepRecord } from '../../domain/step.ts'
import type { RunLog } from '../../ports.ts'
import { cleanText, lineCleaner } from './clean-lines.ts'
import type { Redactor } from './redact.ts'
import { changesOf, linesOf, noticesOf, type RunContent, stepsOf } from './run-entries.ts'
import type { RunFile } from './run-file.ts'

/** As many last lines as `tail` can give, whatever it is asked for. */
const TAIL_MAX = 500
const NOTE_MAX = 500
const NOTICES_MAX = 50
/** Of what people changed by hand: more than anybody reads on a page, and little beside a log. */
const CHANGES_MAX_CHARACTERS = 60_000

/**
 * A run's log over its file, going on from `content`.
 * @param added told of every change, after it was taken for writing
 */
export function runLog(
  id: string,
  content: RunContent,
  file: RunFile,
  redactor: Redactor,
  added: (update: RunUpdate) => void,
): RunLog {
  const kept = linesOf(content.entries)
  const clean = lineCleaner(redactor)
  const records = new Map(stepsOf(content.entries).map((record) => [record.step, record]))
  let notices = noticesOf(content.entries)
  let changes = changesOf(content.entries)
  let number = kept.at(-1)?.number ?? 0
  let last = kept.slice(-TAIL_MAX).map(({ text }) => text)

  const steps = () => STEPS.flatMap((step) => records.get(step) ?? [])
  const record = (step: StepRecord) => {
    records.set(step.step, step)
    file.append({ step })
    added({ kind: 'steps', steps: steps() })
  }
  return {
    id,
    about: content.about,
    write(text) {
      const lines = clean(text).map((line) => ({ number: ++number, text: line }))
      if (lines.length === 0) return
      for (const line of lines) {
        file.append({ number: line.number, line: line.text })
        last.push(line.text)
      }
      if (last.length > 2 * TAIL_MAX) last = last.slice(-TAIL_MAX)
      added({ kind: 'lines', lines })
    },
    begin(step, atMs) {
      record({ step, startedAtMs: atMs, endedAtMs: null, outcome: 'running', note: '' })
    },
    end(step, atMs, outcome, note) {
      const startedAtMs = records.get(step)?.startedAtMs ?? atMs
      record({ step, startedAtMs, endedAtMs: atMs, outcome, note: cleanText(note, redactor).slice(0, NOTE_MAX) })
    },
    steps,
    say(said) {
      const texts = said.map((text) => cleanText(text, redactor).slice(0, NOTE_MAX))
      const more = texts.length > NOTICES_MAX ? [`and ${texts.length - NOTICES_MAX} more; the log has them all`] : []
      const shown = [...texts.slice(0, NOTICES_MAX), ...more]
      if (JSON.stringify(shown) === JSON.stringify(notices)) return
      notices = shown
      file.append({ notices: shown })
    },
    notices: () => notices,
    showChanges(lines) {
      const shown = bounded(lines.flatMap(lineCleaner(redactor)))
      if (JSON.stringify(shown) === JSON.stringify(changes)) return
      changes = shown
      file.append({ changes: [...shown] })
      added({ kind: 'changes', changes: shown })
    },
    tail: (count) => (count > 0 ? last.slice(-Math.min(count, TAIL_MAX)) : []),
    flush: () => file.flush(),
  }
}

/** The first lines, and how many more there were. */
function bounded(lines: readonly string[]): readonly string[] {
  let room = CHANGES_MAX_CHARACTERS
  const shown = lines.findIndex((line) => {
    room -= line.length + 1
    return room < 0
  })
  return shown === -1 ? lines : [...lines.slice(0, shown), `… ${lines.length - shown} more lines …`]
}
