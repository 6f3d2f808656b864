import { DARK, declarations, LIGHT } from '@southwell/charts';

export const style = `
:root { color-scheme: light dark; ${declarations(LIGHT)} --plus: #0072b2; --minus: #c44f00; }
@media (prefers-color-scheme: dark) { :root { ${declarations(DARK)} --plus: #56b4e9; --minus: #ee8a3c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.65rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .35rem 0 .75rem; max-width: 46rem; overflow-wrap: anywhere; }
.lead { font-size: 1.1rem; text-wrap: pretty; }
.soft, figcaption, summary { color: var(--soft); font-size: .9rem; }
.status { display: inline-block; padding: .1rem .6rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .85rem; }
.status.good { color: var(--c2); } .status.mid { color: var(--c4); } .status.bad { color: var(--minus); }
a { color: var(--plus); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; margin: .25rem 0 0; padding: 0; font-size: .88rem; }
.legend i { display: inline-block; width: 1.6rem; border-top: 2.5px solid; vertical-align: middle; margin-right: .4rem; }
.claims { list-style: none; padding: 0; } .claims > li { border-top: 1px solid var(--rule); padding: .6rem 0; }
.claims ul { margin: .2rem 0; padding-left: 1.2rem; font-variant-numeric: tabular-nums; }
math { overflow-x: auto; overflow-y: hidden; max-width: 100%; }
figure { margin: .5rem 0 0; }
.chart { width: 100%; }
.chart svg { display: block; max-width: 100%; height: auto; }
.chart:focus-visible { outline: 2px solid var(--plus); outline-offset: 2px; }
.read { min-height: 1.5em; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { text-align: right; padding: .28rem .6rem; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; overflow-wrap: anywhere; min-width: 7rem; font-weight: 400; color: inherit; }
td.prose { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.below { color: var(--soft); font-size: .88rem; }
thead th:first-child { color: var(--soft); font-weight: 600; }
tr.kept { background: var(--panel); font-weight: 600; }
td.bars { width: 40%; min-width: 8rem; padding-right: 0; }
.bar { display: flex; height: .85rem; }
.bar i { flex: 1; display: flex; height: 100%; }
.bar i:first-child { justify-content: flex-end; border-right: 1px solid var(--soft); }
.bar b { display: block; height: 100%; }
.bar .neg { background: var(--minus); } .bar .pos { background: var(--plus); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: .4rem; padding: .75rem 1rem; overflow-x: auto; font-size: .88rem; white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: .5rem 0; } summary { cursor: pointer; }
@media (max-width: 34rem) {
  main { padding-left: 1rem; padding-right: 1rem; } h1 { font-size: 1.4rem; }
  table { font-size: .82rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dt { margin-top: .5rem; }
  th, td { padding-left: .4rem; padding-right: 0; } th:first-child, td:first-child { min-width: 4.5rem; }
  .coefs th:first-child { min-width: 9rem; } .coefs th:nth-child(2), .coefs td:nth-child(2) { display: none; } td.bars { min-width: 4.5rem; padding-left: .75rem; }
}
@media print { .read, details:not([open]) { display: none; } }
`;
