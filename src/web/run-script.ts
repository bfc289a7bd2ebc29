import { CHANGES_ANCHOR } from '../domain/by-hand-words.ts'

/**
 * Keeps a run's page up to date. The texts of the log and of what was changed by hand go in as text, never as markup;
 * the steps come as rows that the server made and escaped, and this page's policy lets nothing in them run.
 */
export const RUN_SCRIPT = `
(() => {
  const log = document.getElementById('log')
  const steps = document.getElementById('steps')
  const byHand = document.getElementById('${CHANGES_ANCHOR}')
  const changes = document.getElementById('changes')
  const follow = document.getElementById('following')
  const LINES_MAX = 20000
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 40
  log.scrollTop = log.scrollHeight
  const source = new EventSource(log.dataset.events)
  source.addEventListener('open', () => { follow.textContent = 'Following' })
  source.addEventListener('error', () => {
    follow.textContent = source.readyState === EventSource.CLOSED ? 'Not following: reload to go on' : 'Reconnecting'
  })
  source.addEventListener('lines', (event) => {
    const wasAtEnd = isAtEnd()
    log.append(...JSON.parse(event.data).map((line) => line + '\\n'))
    while (log.childNodes.length > LINES_MAX) log.firstChild.remove()
    if (wasAtEnd) log.scrollTop = log.scrollHeight
  })
  let sinceMs = Date.now()
  source.addEventListener('steps', (event) => {
    steps.innerHTML = JSON.parse(event.data)
    sinceMs = Date.now()
  })
  let shown = ''
  source.addEventListener('changes', (event) => {
    // Every new connection brings them again: what somebody has marked or scrolled to stays.
    if (event.data === shown) return
    shown = event.data
    const lines = JSON.parse(event.data)
    changes.replaceChildren(...lines.flatMap(({ text, style }) => {
      const line = document.createElement('span')
      line.className = style
      line.textContent = text
      return [line, '\\n']
    }))
    byHand.hidden = lines.length === 0
  })
  setInterval(() => {
    for (const cell of steps.querySelectorAll('[data-ms]')) {
      const seconds = Math.round((Number(cell.dataset.ms) + Date.now() - sinceMs) / 1000)
      cell.textContent = seconds < 60 ? seconds + ' s' : Math.floor(seconds / 60) + ' min ' + seconds % 60 + ' s'
    }
  }, 1000)
})()
`
