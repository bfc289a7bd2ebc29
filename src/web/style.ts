/** The only stylesheet: in every page, no outside fonts or images. Colours of text keep a contrast of 4.5 (WCAG 2.2, 1.4.3). */
export const STYLE = `
:root {
  --paper: #fbfbf9; --card: #fff; --ink: #1c2024; --soft: #5f6a72; --line: #e4e6e3; --hover: #f5f6f3; --link: #0b5fae;
  --good: #17683f; --good-bg: #e3f3e9; --busy: #1c5a96; --busy-bg: #e4eefa; --warn: #815205; --warn-bg: #fbf0d9;
  --bad: #a52a24; --bad-bg: #fbe7e5; --still: #5f6a72; --still-bg: #eef0ee; --log: #f6f7f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1b1f23; --ink: #e4e7ea; --soft: #98a2ab; --line: #2c3238; --hover: #20252a; --link: #79b8f5;
    --good: #7fd3a3; --good-bg: #17352a; --busy: #8fc0f3; --busy-bg: #182f48; --warn: #e8bd6c; --warn-bg: #3a2d13;
    --bad: #f39a93; --bad-bg: #43201e; --still: #a3adb5; --still-bg: #282e33; --log: #101316;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header, main { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.1rem; }
main { padding-bottom: 4rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.brand { display: inline-flex; align-items: center; gap: .5rem; color: var(--soft); font-weight: 600; letter-spacing: .01em; }
.mark { display: grid; place-items: center; width: .95rem; height: .95rem; border-radius: .25rem; background: #1f7a4d; }
.mark::after { content: ""; width: .4rem; height: .4rem; border-radius: 50%; background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; margin: 1.4rem 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; font-weight: 650; margin: 2rem 0 .6rem; }
.lead { color: var(--soft); margin: 0 0 1.2rem; }
.sub { color: var(--soft); font-weight: 400; margin-left: .4rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .55rem .9rem; border-top: 1px solid var(--line); vertical-align: baseline; }
thead th { border-top: 0; white-space: nowrap; color: var(--soft); font-size: .8rem; font-weight: 500; }
tbody tr:hover { background: var(--hover); }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.w { overflow-wrap: anywhere; min-width: 9rem; }
table.previews { table-layout: fixed; min-width: 54rem; }
.previews th:nth-child(1) { width: 12%; } .previews th:nth-child(2) { width: 23%; } .previews th:nth-child(3) { width: 14%; } .previews th:nth-child(5) { width: 12%; } .previews th:nth-child(6) { width: 9%; }
.deliveries { list-style: none; margin: 0; padding: 0; }
.deliveries li { display: grid; grid-template-columns: minmax(7rem, 1fr) 6.4rem 6.1rem 3.5rem minmax(6rem, 1.2fr); gap: 0 .7rem; align-items: baseline; padding: .08rem 0; overflow-wrap: anywhere; }
.deliveries li :nth-child(4) { text-align: right; font-variant-numeric: tabular-nums; }
.deliveries .badge { justify-self: start; }
.callbacks th:nth-child(4) { width: 60%; } .callbacks form { margin: .3rem 0 0; white-space: nowrap; }
summary { color: var(--soft); cursor: pointer; }
button, input { max-width: 100%; padding: .2rem .7rem; border: 1px solid var(--soft); border-radius: .45rem; background: var(--card); color: inherit; font: inherit; }
button { cursor: pointer; } button.open { border: 0; }
.soft { color: var(--soft); }
.nowrap { white-space: nowrap; }
code, pre { font: 13px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.badge { display: inline-flex; align-items: center; gap: .4rem; padding: .08rem .6rem .08rem .5rem; border-radius: 1rem; font-size: .84rem; font-weight: 550; white-space: nowrap; }
.dot { width: .45rem; height: .45rem; border-radius: 50%; background: currentColor; }
.good { color: var(--good); background: var(--good-bg); }
.busy { color: var(--busy); background: var(--busy-bg); }
.warn { color: var(--warn); background: var(--warn-bg); }
.bad { color: var(--bad); background: var(--bad-bg); }
.still { color: var(--still); background: var(--still-bg); }
.busy .dot { animation: pulse 1.6s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { .busy .dot { animation: none; } }
dl { display: grid; grid-template-columns: 9rem 1fr; margin: 0; padding: .4rem .9rem; }
dt { color: var(--soft); padding: .4rem 0; }
dd { margin: 0; padding: .4rem 0; overflow-wrap: anywhere; min-width: 0; }
.open { display: inline-block; margin: .2rem 0 1.2rem; padding: .5rem 1rem; border-radius: .5rem; background: #1f7a4d; color: #fff; font-weight: 600; overflow-wrap: anywhere; }
.note { margin: .8rem 0 1.2rem; padding: .7rem .9rem; border-radius: .5rem; overflow-wrap: anywhere; }
.empty { margin-top: 1rem; padding: 2.2rem 1.5rem; text-align: center; color: var(--soft); }
.empty strong { display: block; color: var(--ink); font-size: 1.05rem; margin-bottom: .3rem; }
pre.log { margin: 0; padding: .9rem 1rem; background: var(--log); min-height: 8rem; max-height: 70vh; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }
pre .added { color: var(--good); } pre .gone { color: var(--bad); }
.bar { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
@media (max-width: 40rem) {
  .callbacks thead { display: none; } .callbacks tr { display: flex; flex-wrap: wrap; gap: .1rem .7rem; padding: .6rem; border-top: 1px solid var(--line); } .callbacks tr:first-child { border-top: 0; }
  .callbacks td { border: 0; padding: 0; min-width: 0; } .callbacks td:nth-child(4) { flex-basis: 100%; order: 1; } .callbacks td:nth-child(5) { display: flex; gap: .7rem; margin-left: auto; } .callbacks form { margin: 0; }
  .deliveries li { display: flex; flex-wrap: wrap; gap: 0 .5rem; font-size: .9rem; }
  header, main { padding-left: 1rem; padding-right: 1rem; } dl { grid-template-columns: 1fr; } dt { padding-bottom: 0; } dd { padding-top: 0; } th, td { padding-left: .6rem; padding-right: .6rem; } }
`
