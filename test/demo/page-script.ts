/** Keeps the demo's page up to date. Markup comes from the server, which made and escaped it. */
export const PAGE_SCRIPT = `
(() => {
  const $ = (id) => document.getElementById(id)
  const parts = new Map()
  const frames = document.body.dataset.frames
  let selected = Number(document.body.dataset.pull)
  let tab = 'previews'
  const runs = {}
  let version = ''
  let loaded = ''

  const put = (id, markup) => {
    if (parts.get(id) === markup) return
    parts.set(id, markup)
    const part = $(id)
    const focused = document.activeElement?.dataset ?? {}
    const wasOpen = new Set([...part.querySelectorAll('details[open]')].map((each) => each.dataset.key))
    part.innerHTML = markup
    for (const each of part.querySelectorAll('details')) each.open = wasOpen.has(each.dataset.key)
    if (focused.act) part.querySelector('[data-act="' + focused.act + '"][data-pull="' + focused.pull + '"]')?.focus()
    if (id === 'list') select(selected)
  }

  const select = (pull) => {
    selected = pull
    for (const row of document.querySelectorAll('[data-select]')) {
      if (Number(row.dataset.select) === pull) row.setAttribute('aria-current', 'true')
      else row.removeAttribute('aria-current')
    }
    for (const panel of document.querySelectorAll('.pull')) panel.hidden = panel.id !== 'pull-' + pull
    showFrame()
  }

  // The next page loads behind the one that is seen, and takes its place when it is there.
  const showFrame = () => {
    const run = runs[selected] ?? ''
    $('tab-run').disabled = run === ''
    const shows = tab === 'run' && run !== '' ? 'run' : 'previews'
    for (const name of ['previews', 'run']) $('tab-' + name).setAttribute('aria-selected', String(shows === name))
    const path = shows === 'run' ? run : '/'
    const wanted = path + (shows === 'run' ? '' : version)
    if (wanted === loaded) return
    loaded = wanted
    const [shown, hidden] = $('frame-a').classList.contains('shown') ? [$('frame-a'), $('frame-b')] : [$('frame-b'), $('frame-a')]
    const next = hidden.cloneNode(false)
    next.addEventListener('load', () => {
      if (loaded !== wanted) return
      next.classList.add('shown')
      shown.classList.remove('shown')
    }, { once: true })
    next.src = frames + path
    hidden.replaceWith(next)
  }

  const tick = () => {
    for (const time of document.querySelectorAll('time[data-at]')) {
      const at = Number(time.dataset.at)
      const seconds = Math.max(0, Math.round((Date.now() - at) / 1000))
      time.textContent = seconds < 5 ? 'now' : seconds < 60 ? seconds + ' s ago' : seconds < 3600 ? Math.floor(seconds / 60) + ' min ago' : seconds < 172800 ? Math.floor(seconds / 3600) + ' h ago' : new Date(at).toLocaleDateString()
      time.title = new Date(at).toLocaleString()
    }
  }

  const source = new EventSource('/events')
  source.addEventListener('open', () => { $('offline').hidden = true })
  source.addEventListener('error', () => { $('offline').hidden = false })
  source.addEventListener('state', (event) => {
    const state = JSON.parse(event.data)
    for (const [id, markup] of Object.entries(state.parts)) put(id, markup)
    // A head that is new has no run yet: the one before stays until it has.
    for (const [pull, run] of Object.entries(state.runs)) if (run !== '') runs[pull] = run
    version = state.version
    showFrame()
    tick()
  })
  setInterval(tick, 1000)

  const say = (text) => {
    $('toast').textContent = text
    $('toast').hidden = false
    clearTimeout(say.timer)
    say.timer = setTimeout(() => { $('toast').hidden = true }, 6000)
  }
  const post = async (path, body, button) => {
    button.disabled = true
    try {
      const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(await answer.text())
      if (button.dataset.act === 'pay') button.disabled = false // the pull request stays as it is
    } catch (error) {
      button.disabled = false
      say(error.message)
    }
  }

  document.addEventListener('click', (event) => {
    const target = event.target.closest('[data-act], [data-revert], [data-select], [data-tab]')
    if (target === null) return
    const { act, pull, revert, select: row, tab: name } = target.dataset
    if (act) post('/act', { action: act, pull: Number(pull) }, target)
    if (revert) post('/revert', { sha: revert }, target)
    if (name) { tab = name; showFrame() }
    if (row && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault()
      history.replaceState(null, '', target.getAttribute('href'))
      select(Number(row))
    }
  })
  showFrame()
  tick()
})()
`
