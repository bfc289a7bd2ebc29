/**
 * Keeps a run's page up to date. The text of the log goes in as text, never as markup; the steps come as rows that the
 * server made and escaped, and this page's policy lets nothing in them run.
 */
export const RUN_SCRIPT = `
(() => {
  const log = document.getElementById('log')
  const steps = document.getElementById('steps')
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
  setInterval(() => {
    for (const cell of steps.querySelectorAll('[data-ms]')) {
      const seconds = Math.round((Number(cell.dataset.ms) + Date.now() - sinceMs) / 1000)
      cell.textContent = seconds < 60 ? seconds + ' s' : Math.floor(seconds / 60) + ' min ' + seconds % 60 + ' s'
    }
  }, 1000)
})()
`
