/** The demo page's stylesheet: no outside fonts or images, light and dark. */
export const PAGE_STYLE = `
:root {
  --paper: #f4f5f2; --card: #fff; --ink: #1c2024; --soft: #5f6a72; --line: #e1e4df; --hover: #f5f7f3; --link: #0b5fae;
  --good: #17683f; --good-bg: #e3f3e9; --busy: #1c5a96; --busy-bg: #e4eefa; --warn: #815205; --warn-bg: #fbf0d9;
  --bad: #a52a24; --bad-bg: #fbe7e5; --still: #5f6a72; --still-bg: #eef0ee; --code: #f3f5f2; --green: #1f7a4d;
  --closed: #a52a24; --chip: #5a3fa0; --chip-bg: #ece6fb; --amber: #9a6700;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101316; --card: #191d21; --ink: #e4e7ea; --soft: #98a2ab; --line: #2c3238; --hover: #20252a; --link: #79b8f5;
    --good: #7fd3a3; --good-bg: #17352a; --busy: #8fc0f3; --busy-bg: #182f48; --warn: #e8bd6c; --warn-bg: #3a2d13;
    --bad: #f39a93; --bad-bg: #43201e; --still: #a3adb5; --still-bg: #282e33; --code: #121619; --green: #7fd3a3;
    --closed: #f39a93; --chip: #cbbcf7; --chip-bg: #332a52; --amber: #e8bd6c;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
code, pre { font: 12.5px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
h1, h2, h3, p { margin: 0; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.2rem; padding: .9rem 1.6rem .2rem; max-width: 108rem; margin: 0 auto; }
h1 { display: flex; align-items: center; gap: .55rem; font-size: 1.15rem; font-weight: 650; letter-spacing: -.01em; }
h1::before { content: ""; width: 1.15rem; height: 1.15rem; border-radius: .32rem; background: radial-gradient(circle at 50% 50%, #fff 0 26%, #1f7a4d 29%); }
header .lead { color: var(--soft); flex: 1 1 auto; }
.facts { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; padding: 0; list-style: none; font-size: 12.5px; }
.facts li { padding: .12rem .65rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); color: var(--soft); }
.facts b { color: var(--ink); font-weight: 550; }
main { display: grid; grid-template-columns: minmax(0, 45fr) minmax(0, 55fr); gap: 1.1rem; padding: .9rem 1.6rem 2rem; max-width: 108rem; margin: 0 auto; align-items: start; }
.column { display: grid; gap: 1.1rem; min-width: 0; }
.side { display: flex; align-items: baseline; gap: .6rem; margin: 0 .2rem -.6rem; font-size: 12.5px; color: var(--soft); }
.side strong { color: var(--ink); font-size: 13.5px; font-weight: 650; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .65rem; overflow: hidden; min-width: 0; }
.soft { color: var(--soft); font-weight: 400; }
.about { display: grid; min-width: 0; flex: 1 1 11rem; overflow-wrap: anywhere; }
.name { font-weight: 600; }
#list { list-style: none; margin: 0; padding: 0; }
.row { display: flex; align-items: center; gap: .75rem; padding: .6rem .95rem; color: inherit; border-left: 3px solid transparent; }
#list li + li .row { border-top: 1px solid var(--line); }
.row:hover { background: var(--hover); text-decoration: none; }
.row[aria-current] { background: var(--hover); border-left-color: #1f7a4d; }
.row .soft { font-size: 12.5px; }
.row .head { display: inline-flex; align-items: center; gap: .45rem; color: var(--soft); }
.fork { display: inline-flex; } .fork.open { color: var(--green); } .fork.closed { color: var(--closed); }
.chip { display: inline-block; margin-left: .25rem; padding: 0 .55rem; border-radius: 1rem; background: var(--chip-bg); color: var(--chip); font-size: 12px; font-weight: 600; }
.mark { display: inline-flex; } .mark.success { color: var(--green); } .mark.failure { color: var(--bad); } .mark.running { color: var(--amber); } .mark.neutral, .mark.cancelled { color: var(--soft); }
.mark.running svg, .busy .dot { animation: pulse 1.4s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .3; } }
@media (prefers-reduced-motion: reduce) { .mark.running svg, .busy .dot { animation: none; } }
.top { padding: 1rem 1.15rem 1.1rem; border-bottom: 1px solid var(--line); }
.title { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
h2 { font-size: 1.2rem; font-weight: 600; letter-spacing: -.01em; overflow-wrap: anywhere; }
.state { display: inline-flex; align-items: center; gap: .35rem; padding: .18rem .75rem; border-radius: 2rem; color: #fff; font-weight: 600; font-size: 13px; }
.state.open { background: #1f7a4d; } .state.closed { background: #a52a24; }
.ref { padding: .1rem .4rem; border-radius: .3rem; background: var(--busy-bg); color: var(--busy); }
.tools { display: flex; flex-wrap: wrap; gap: .45rem; margin-top: .85rem; }
button { font: inherit; font-size: 13px; font-weight: 550; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: .45rem; background: var(--card); color: var(--ink); cursor: pointer; }
button:hover:not(:disabled) { background: var(--hover); border-color: var(--soft); }
button:disabled { opacity: .42; cursor: default; }
button.label:not(:disabled), button.reopen:not(:disabled) { background: #1f7a4d; border-color: #1f7a4d; color: #fff; }
button.break:not(:disabled) { color: var(--bad); }
button.pay:not(:disabled) { color: var(--chip); }
.part { padding: .85rem 1.15rem; }
.part + .part { border-top: 1px solid var(--line); }
.part > h4 { margin: 0 0 .55rem; font-size: 12px; font-weight: 600; color: var(--soft); }
.none { color: var(--soft); }
.deployment { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .8rem; padding: .4rem 0; }
.deployment .soft { font-size: 12.5px; }
.deployment.inactive .about { opacity: .7; }
.deployment .badge { flex: none; min-width: 7rem; }
.badge { display: inline-flex; align-items: center; gap: .4rem; padding: .08rem .6rem .08rem .5rem; border-radius: 1rem; font-size: 12.5px; font-weight: 550; white-space: nowrap; }
.dot { width: .45rem; height: .45rem; border-radius: 50%; background: currentColor; }
.good { color: var(--good); background: var(--good-bg); } .busy { color: var(--busy); background: var(--busy-bg); }
.bad { color: var(--bad); background: var(--bad-bg); } .still { color: var(--still); background: var(--still-bg); }
.view { flex: none; padding: .3rem .85rem; border-radius: .45rem; background: #1f7a4d; color: #fff; font-weight: 600; font-size: 13px; }
.view:hover { text-decoration: none; filter: brightness(1.08); }
.quiet { flex: none; margin-left: auto; font-size: 13px; }
.check { border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
.check .line { display: flex; align-items: center; gap: .55rem; padding: .5rem .8rem; background: var(--hover); border-bottom: 1px solid var(--line); }
.output { padding: .9rem 1rem 1rem; }
h3 { font-size: 1.08rem; font-weight: 600; line-height: 1.35; overflow-wrap: anywhere; }
.markdown { margin-top: .55rem; overflow-wrap: anywhere; }
.markdown > * { margin: 0 0 .7rem; } .markdown > :last-child { margin-bottom: 0; }
.markdown ul { padding-left: 1.2rem; }
.markdown code { padding: .1rem .35rem; border-radius: .3rem; background: var(--code); }
.markdown pre { padding: .7rem .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--code); white-space: pre-wrap; max-height: 16rem; overflow: auto; }
.markdown pre code { padding: 0; background: none; }
.markdown table { border-collapse: collapse; width: 100%; font-size: 13px; }
.markdown th, .markdown td:not(:last-child) { white-space: nowrap; }
.markdown th, .markdown td { padding: .28rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: baseline; }
.markdown th { color: var(--soft); font-weight: 550; } .markdown td[align=right], .markdown th[align=right] { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.tabs { display: flex; align-items: center; gap: .25rem; padding: .4rem .6rem 0; border-bottom: 1px solid var(--line); }
.tabs button { border: 0; border-bottom: 2px solid transparent; border-radius: 0; background: none; color: var(--soft); padding: .35rem .7rem .45rem; }
.tabs button[aria-selected=true] { color: var(--ink); border-bottom-color: #1f7a4d; }
.tabs a { margin-left: auto; padding: 0 .4rem .2rem; font-size: 13px; }
.screen { position: relative; height: 26rem; background: var(--card); overflow: hidden; }
.screen iframe { position: absolute; inset: 0; width: 125%; height: 125%; transform: scale(.8); transform-origin: 0 0; border: 0; visibility: hidden; color-scheme: light dark; }
.screen iframe.shown { visibility: visible; }
#history { max-height: 26rem; overflow-y: auto; }
.callback { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .8rem; padding: .55rem .95rem; }
.callback + .callback { border-top: 1px solid var(--line); }
.callback .soft { font-size: 12.5px; }
.gots { display: flex; flex-wrap: wrap; gap: .35rem; }
.side a { margin-left: auto; white-space: nowrap; }
details + details { border-top: 1px solid var(--line); }
summary { display: flex; align-items: baseline; gap: .8rem; padding: .5rem .95rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover, details[open] summary { background: var(--hover); }
summary code { color: var(--soft); }
summary .by { text-align: right; font-size: 12.5px; white-space: nowrap; }
.trailers { display: flex; flex-wrap: wrap; gap: 0 .9rem; font-size: 12px; }
.key { opacity: .75; }
details pre { margin: 0; padding: .7rem .95rem; background: var(--code); border-top: 1px solid var(--line); overflow-x: auto; font-size: 12px; }
.more { display: flex; align-items: center; justify-content: space-between; padding: .5rem .95rem .7rem; background: var(--code); font-size: 13px; }
#offline, #toast { position: fixed; left: 50%; bottom: 1.2rem; transform: translateX(-50%); max-width: 40rem; padding: .6rem 1.1rem; border-radius: .5rem; background: var(--ink); color: var(--paper); overflow-wrap: anywhere; }
.whole { padding: 1.4rem 1.6rem; max-width: 70rem; margin: 0 auto; } .whole pre { padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow-x: auto; }
@media (max-width: 62rem) { main { grid-template-columns: minmax(0, 1fr); padding: .8rem 1rem 2rem; } header { padding: .9rem 1rem .1rem; } .trailers { display: none; } }
`
