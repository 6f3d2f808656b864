// The runs of the black-box benchmark as a page: distributions of running times, and a table of expected running times.
import {
  type BenchmarkRun,
  bbobNames,
  expectedRunningTime,
  precisions,
  runtimeDistribution,
} from 'southwell/black-box';
import { escaped, page } from './results.ts';

export interface Curve {
  readonly name: string;
  readonly runs: readonly BenchmarkRun[];
  /** Drawn dashed, in the colour of the preceding curve. */
  readonly peer?: boolean;
}

const COLOURS = ['first', 'second', 'third', 'fourth'];
const [LEFT, TOP, WIDTH, HEIGHT] = [60, 16, 620, 380];

/**
 * Fraction of solved pairs of run and target against evaluations per coordinate, and expected evaluations for each
 * precision.
 */
export function blackBoxPage(title: string, curves: readonly Curve[]): string {
  const drawn = curves.map(({ name, runs, peer }) => ({ name, peer, ...runtimeDistribution(runs) }));
  const decades = Math.max(...drawn.map(({ x }) => Math.ceil(Math.log10(x[x.length - 1]) - 1e-9)));
  const left = (v: number) => LEFT + (Math.log10(v) / decades) * WIDTH;
  const down = (share: number) => TOP + (1 - share) * HEIGHT;
  const grid = [
    ...Array.from({ length: decades + 1 }, (_, e) => 10 ** e).map(
      (v) =>
        `<line class="grid" x1="${left(v)}" x2="${left(v)}" y1="${TOP}" y2="${TOP + HEIGHT}"/>` +
        `<text x="${left(v)}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${v.toLocaleString('en')}</text>`,
    ),
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].map(
      (s) =>
        `<line class="grid" x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${down(s)}" y2="${down(s)}"/>` +
        `<text x="${LEFT - 8}" y="${down(s) + 4}" text-anchor="end">${100 * s} %</text>`,
    ),
    `<text x="${LEFT + WIDTH / 2}" y="${TOP + HEIGHT + 38}" text-anchor="middle">evaluations a coordinate</text>`,
  ];
  let colour = -1;
  const lines = drawn.map(({ name, peer, x, share }, k) => {
    if (!peer) colour++;
    const stroke = `var(--${COLOURS[Math.max(0, colour) % COLOURS.length]})`;
    const steps = x.map(
      (v, i) =>
        `${i === 0 ? 'M' : `H${left(v).toFixed(1)}V`}${i === 0 ? `${left(v)} ` : ''}${down(share[i]).toFixed(1)}`,
    );
    const y = TOP + 20 + 20 * k;
    return (
      `<path class="curve${peer ? ' peer' : ''}" stroke="${stroke}" d="${steps.join('')}"/>` +
      `<path class="curve${peer ? ' peer' : ''}" stroke="${stroke}" d="M${LEFT + WIDTH + 20} ${y - 4}h30"/>` +
      `<text x="${LEFT + WIDTH + 58}" y="${y}">${escaped(name)}: ${(100 * share[share.length - 1]).toFixed(1)} %</text>`
    );
  });
  const label = `Share of solved pairs of run and target against evaluations a coordinate`;
  return page(
    title,
    `<p>Share of all pairs of run and target (${precisions.length} precisions from 100 to 1e-8) that were reached within so many evaluations a coordinate: the empirical distribution of running times.</p>
<svg viewBox="0 0 ${LEFT + WIDTH + 260} ${TOP + HEIGHT + 48}" role="img" aria-label="${label}">${grid.join('')}${lines.join('')}</svg>
${curves.map(expectedTimes).join('\n')}`,
  );
}

/** Expected running time: evaluations of all runs divided by the number of those that reached the precision. */
function expectedTimes({ name, runs }: Curve): string {
  const shown = [10, 20, 30, 40, 50];
  const numbers = [...new Set(runs.map((r) => r.number))];
  const rows = numbers.map((number) => {
    const own = runs.filter((r) => r.number === number);
    const times = shown.map((k) => expectedRunningTime(own, k));
    const cells = times.map((t) => `<td>${Number.isFinite(t) ? t.toPrecision(3).replace(/e\+/, 'e') : '–'}</td>`);
    const solved = own.filter((r) => r.hits[50] !== undefined).length;
    return `<tr><td>f${number} ${escaped(bbobNames[number - 1])}</td>${cells.join('')}<td>${solved}/${own.length}</td></tr>`;
  });
  const head = shown.map((k) => `<th scope="col">${precisions[k].toExponential(0).replace('e+0', '')}</th>`);
  return `<h2>${escaped(name)}: expected evaluations to a precision</h2>
<table><thead><tr><th scope="col">function</th>${head.join('')}<th scope="col">to 1e-8</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}
