import { type ChartSpec, figureHtml } from '@southwell/charts';
import {
  axisText,
  barText,
  type Curve,
  claimStandingText,
  claimText,
  type Experiment,
  experimentsOf,
  measurementMark,
  measurementText,
  outcomeTone,
  type PaperRecord,
  type PaperStanding,
  records,
  type Standing,
  seedsText,
  shownPanels,
  stateOf,
  type TableEvent,
  type TallyOutcome,
  toldSentence,
  type Verdict,
} from '@southwell/papers';
import type { RunResult } from '@southwell/papers/node';
import { keptStanding } from '@southwell/papers/node';
import { count, duration, html, number, page } from '@southwell/tasks';
import katex from 'katex';
import { chartScript } from '../chartScript.ts';

/** Maximum number of points per curve in a chart. */
const MOST_POINTS = 500;

/** The pages of a site of results, by file name: the index, and one page per paper with results (newest first). */
export async function paperSite(results: readonly RunResult[]): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const known = records.filter((r) => results.some((result) => result.slug === r.slug));
  const stand = new Map<PaperRecord, PaperStanding>();
  for (const record of known) stand.set(record, await keptStanding(record, results));
  pages.set('index.html', indexPage(stand, results));
  for (const [record, standing] of stand) {
    const own = results.filter((r) => r.slug === record.slug);
    pages.set(`${record.slug}.html`, paperPage(record, standing, await experimentsOf(record.number), own));
  }
  return pages;
}

const badge = (outcome: TallyOutcome | undefined, text: string = outcome ?? 'no verdict'): string =>
  `<span class="status${outcome ? ` ${outcomeTone[outcome]}` : ''}">${html(text)}</span>`;

/** The newest verdict on a claim and its run, at default parameters only. */
function newest(
  claim: string,
  results: readonly RunResult[],
  size?: RunResult['size'],
): [Verdict, RunResult] | undefined {
  for (const r of results) {
    if ((size !== undefined && r.size !== size) || Object.keys(r.set).length > 0) continue;
    const verdict = r.verdicts.find((v) => v.claim === claim);
    if (verdict) return [verdict, r];
  }
  return undefined;
}

function indexPage(stand: ReadonlyMap<PaperRecord, PaperStanding>, results: readonly RunResult[]): string {
  const known = [...stand.keys()];
  const row = (record: PaperRecord) => {
    const own = results.filter((r) => r.slug === record.slug);
    const { of, parts, withoutVerdict, beside, size, seeds, text } = stand.get(record)!.tally;
    const badges = parts.map((p, k) => badge(p.outcome, `${p.claims}${k === 0 ? ` of ${of}` : ''} ${p.text}`));
    if (withoutVerdict > 0) badges.push(badge(undefined, `${withoutVerdict} without verdict`));
    const ran = seeds.length > 0 ? `${beside && `${beside} · `}${size} · ${seedsText(seeds)}` : text;
    return `<tr><td><a href="${record.slug}.html">${String(record.number).padStart(2, '0')} ${html(record.title)}</a></td><td>${badges.join(' ')} <span class="soft">${ran}</span></td><td>${own.length}</td><td>${time(own[0].date)}</td></tr>`;
  };
  const rest = records.filter((r) => !known.includes(r));
  const title = 'Papers put to the test';
  return page({
    title,
    body: `<h1>${title}</h1>
<p class="lead">${count(results.length, 'run')} of ${known.length} of ${count(records.length, 'paper')}. Each claim was stated, with a number and a bar, before it was measured; here is how they stand over all seeds at default parameters, by the worse of the quick and the full size.</p>
${known.length > 0 ? `<div class="scroll"><table><thead><tr><th scope="col">paper</th><th scope="col">claims</th><th scope="col">runs</th><th scope="col">last</th></tr></thead><tbody>\n${known.map(row).join('\n')}\n</tbody></table></div>` : '<p>No results are kept yet.</p>'}
${rest.length > 0 ? `<details><summary>${count(rest.length, 'paper')} without results</summary><ul>\n${rest.map((r) => `<li>${String(r.number).padStart(2, '0')} ${html(r.title)}${stateOf(r) === 'runs' ? ' <span class="soft">(runs)</span>' : ''}</li>`).join('\n')}\n</ul></details>` : ''}`,
  });
}

function paperPage(
  record: PaperRecord,
  stand: PaperStanding,
  experiments: readonly Experiment[],
  results: readonly RunResult[],
): string {
  const charts: Record<string, ChartSpec> = {};
  const ids = [...new Set([...experiments.map((e) => e.id), ...results.map((r) => r.experiment)])];
  const sections = ids.flatMap((id) => {
    const runs = results.filter((r) => r.experiment === id);
    return runs.length === 0
      ? []
      : [
          experimentSection(
            id,
            experiments.find((e) => e.id === id),
            runs,
            charts,
          ),
        ];
  });
  const links = [
    record.arxiv &&
      `<a href="https://arxiv.org/abs/${html(record.arxiv)}" rel="noreferrer">arXiv ${html(record.arxiv)}</a>`,
    record.code && `<a href="${html(record.code)}" rel="noreferrer">official code</a>`,
  ].filter(Boolean);
  const body = `<p><a href="index.html">All papers</a></p>
<h1>${html(record.title)}</h1>
<p class="soft">${[html(record.venue), ...links].join(' · ')}</p>
<p>${html(record.summary)}</p>
${record.formulas.map((f) => `<p>${katex.renderToString(f.tex, { displayMode: true, output: 'mathml', throwOnError: false })}</p><p class="soft">${html(f.says)}</p>`).join('\n')}
<p class="soft">Fidelity: ${record.fidelity.level}. ${html(record.fidelity.note)}</p>
<h2>Claims</h2>
<p class="soft">${html(stand.tally.text)}, those of the product's own runs among them.</p>
<ul class="claims">
${record.claims.map((claim, k) => claimItem(claim, stand.claims[k], results)).join('\n')}
</ul>
${sections.join('\n')}`;
  const title = `${String(record.number).padStart(2, '0')} ${record.title}`;
  return page({ title, body, charts, script: chartScript() });
}

function claimItem(claim: PaperRecord['claims'][number], standing: Standing, results: readonly RunResult[]): string {
  const verdicts = (['full', 'quick'] as const).flatMap((size) => {
    const found = newest(claim.id, results, size);
    if (!found) return [];
    const [verdict, run] = found;
    const measured = verdict.measured.map(
      (m) =>
        `<li>${measurementMark(m)} ${html(m.quantity)}: <b>${number(m.value, 3)}</b> <span class="soft">(${html(measurementText(m))})</span></li>`,
    );
    const { says, full } = claimText(claim, verdict);
    const ran = `${size} size, seed ${verdict.seed}, ${time(run.date)}.`;
    const told = `${says === claim.sentence ? '' : `${says} `}Bar: ${barText(claim, size)}.${full ? ` ${full}` : ''}`;
    return [
      `<p>${badge(verdict.outcome)} <span class="soft">${ran} ${html(told)}</span></p><ul>${measured.join('')}</ul>`,
    ];
  });
  return `<li>${html(toldSentence(claim, { ...standing, size: 'full' }))}
<p class="soft">Measured: ${html(claim.quantity)}.</p>
<p>${badge(standing.outcome, claimStandingText(standing))}</p>
${verdicts.join('\n')}</li>`;
}

/** The figures of the newest complete run, and a line for every run. */
function experimentSection(
  id: string,
  experiment: Experiment | undefined,
  runs: readonly RunResult[],
  charts: Record<string, ChartSpec>,
): string {
  const shown = runs.find((r) => r.status === 'complete') ?? runs[0];
  const figures = chartsOf(shown, experiment).map((chart) => {
    const at = `chart-${Object.keys(charts).length}`;
    charts[at] = chart;
    return `<h3>${html(chart.title)}</h3>${figureHtml(at, chart)}`;
  });
  const tables = shown.tables.map((t) => `<h3>${html(t.title)}</h3>${tableHtml(t)}`);
  const history: TableEvent = {
    kind: 'table',
    title: '',
    columns: ['date (UTC)', 'commit', 'machine', 'size', 'seed', 'set', 'outcomes', 'time'],
    rows: runs.map((r) => [
      r.date.slice(0, 16).replace('T', ' '),
      r.commit ?? null,
      `${r.machine.cpu} × ${r.machine.cores}`,
      r.size,
      String(r.seed),
      Object.entries(r.set)
        .map(([k, v]) => `${k}=${v}`)
        .join(' ') || null,
      r.verdicts.map((v) => `${v.claim}: ${v.outcome}`).join('; ') || r.status,
      duration(r.seconds),
    ]),
  };
  const changed = Object.entries(shown.set).map(([k, v]) => `, ${k} = ${v}`);
  return `<section><h2>${html(experiment ? experiment.title : id)}</h2>
<p class="soft">${html(id)}: the run of ${time(shown.date)}, ${shown.size} size, seed ${shown.seed}${html(changed.join(''))}${shown.status === 'stopped' ? ', stopped before its end' : ''}.</p>
${figures.join('\n')}
${tables.length > 0 ? `<details><summary>${count(tables.length, 'table')}</summary>${tables.join('\n')}</details>` : ''}
<details><summary>${count(runs.length, 'run')} of this experiment</summary>${tableHtml(history)}</details></section>`;
}

function chartsOf(run: RunResult, experiment: Experiment | undefined): ChartSpec[] {
  return shownPanels(experiment, run.curves).map(({ title, x, y, curves }) => ({
    ...{ title, x: { label: axisText(x), log: x.log }, y: { label: axisText(y), log: y.log } },
    series: curves.map(thinned),
  }));
}

function thinned({ name, colour, x, y }: Pick<Curve, 'x' | 'y'> & { readonly name: string; readonly colour: number }) {
  const n = x.length;
  const some =
    n <= MOST_POINTS
      ? [...x.keys()]
      : Array.from({ length: MOST_POINTS }, (_, k) => Math.round((k * (n - 1)) / (MOST_POINTS - 1)));
  const digits = (v: number) => Number(v.toPrecision(5));
  return { name, colour, x: some.map((i) => digits(x[i])), y: some.map((i) => digits(y[i])) };
}

const tableHtml = ({ columns, rows }: TableEvent): string =>
  `<div class="scroll"><table><thead><tr>${columns.map((c) => `<th scope="col">${html(c)}</th>`).join('')}</tr></thead><tbody>
${rows.map((row) => `<tr>${row.map((c) => `<td>${typeof c === 'string' ? html(c) : number(c)}</td>`).join('')}</tr>`).join('\n')}
</tbody></table></div>`;

const time = (date: string): string => `<time datetime="${date}">${date.slice(0, 10)}</time>`;
