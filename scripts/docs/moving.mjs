// npm run docs:moving, after a build: records block coordinate descent on the bundled e-mails with three rules for the next
// coordinate, and writes it as an animation, docs/pictures/descent.svg, which the README shows.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { designMatrix, readTable } from '@southwell/data/node';
import { run } from 'southwell';
import { blockCoordinateDescent, blockCoordinateDescentIterates, leastSquares } from 'southwell/blocks';

const STEPS = 240;
const FRAMES = 60;
const SECONDS = 9;
const RULES = [
  ['GSL', 'Gauss–Southwell–Lipschitz: the largest progress', 'c0'],
  ['cyclic', 'cyclic: one after the other', 'c1'],
  ['random', 'random', 'c2'],
];

/** Columns and target with mean 0 and variance 1. */
async function problem() {
  const { X, y } = designMatrix(await readTable('bundled:spambase'), { target: 'class', sparse: false });
  const scaled = (values) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
    return values.map((v) => (v - mean) / sd);
  };
  const columns = Array.from({ length: X.cols }, (_, j) =>
    scaled(Array.from({ length: X.rows }, (__, i) => X.get(i, j))),
  );
  const rows = Array.from({ length: X.rows }, (_, i) => columns.map((column) => column[i]));
  return { rows, target: scaled(Array.from(y)) };
}

/** Objective and point after each step. */
function recorded({ rows, target }, selection) {
  const taken = [];
  const iterates = blockCoordinateDescentIterates(leastSquares(rows, target), {
    selection,
    blocks: 'fixed',
    partition: 'order',
    blockSize: 1,
    update: 'exact',
  });
  run(iterates, {
    maxIter: STEPS,
    onIterate: ({ objective, x }) => taken.push({ objective, x: Float64Array.from(x) }),
  });
  return taken;
}

const data = await problem();
const best = blockCoordinateDescent(leastSquares(data.rows, data.target), {
  selection: 'GSL',
  blocks: 'fixed',
  partition: 'order',
  blockSize: 1,
  update: 'exact',
  tol: 1e-12,
  maxIter: 1e6,
});
const runs = RULES.map(([rule, name, colour]) => ({ rule, name, colour, taken: recorded(data, rule) }));

const [width, left, right, top, bottom] = [760, 70, 740, 84, 250];
const gapOf = ({ objective }) => Math.max(objective - best.objective, 1e-12);
const first = Math.max(...runs.map(({ taken }) => gapOf(taken[0])));
const decades = [Math.log10(first), Math.log10(Math.min(...runs.map(({ taken }) => gapOf(taken.at(-1)))))];
const x = (step) => left + ((right - left) * step) / STEPS;
const y = (gap) => top + ((bottom - top) * (decades[0] - Math.log10(gap))) / (decades[0] - decades[1]);
const at = (value) => value.toFixed(1);

const curves = runs.map(({ colour, taken }) => {
  const points = taken.map((one, step) => `${at(x(step))},${at(y(gapOf(one)))}`);
  return `<polyline class="${colour}" points="${points.join(' ')}"/>`;
});
const ticks = Array.from(
  { length: 1 + Math.floor(decades[0]) - Math.ceil(decades[1]) },
  (_, k) => Math.floor(decades[0]) - k,
);
const axis = ticks.map(
  (power) =>
    `<path class="rule" d="M${left} ${at(y(10 ** power))}H${right}"/><text x="${left - 8}" y="${at(y(10 ** power) + 4)}" text-anchor="end">1e${power}</text>`,
);
const animate = (attribute, values) =>
  `<animate attributeName="${attribute}" dur="${SECONDS}s" repeatCount="3" fill="freeze" values="${values.join(';')}"/>`;

/** The coefficients of the first rule as bars, from frame to frame. */
const frames = Array.from(
  { length: FRAMES },
  (_, k) => runs[0].taken[Math.round((k * (runs[0].taken.length - 1)) / (FRAMES - 1))].x,
);
const count = frames[0].length;
const largest = Math.max(...frames.flatMap((frame) => Array.from(frame, Math.abs)));
const [middle, half] = [350, 62];
const bars = Array.from({ length: count }, (_, j) => {
  const heights = frames.map((frame) => (half * Math.abs(frame[j])) / largest);
  const tops = frames.map((frame, k) => (frame[j] > 0 ? middle - heights[k] : middle));
  const place = left + ((right - left) * (j + 0.15)) / count;
  return `<rect class="bar" x="${at(place)}" width="${at((0.7 * (right - left)) / count)}" y="${at(tops.at(-1))}" height="${at(heights.at(-1))}">${animate('y', tops.map(at))}${animate('height', heights.map(at))}</rect>`;
});
const names = runs.map(
  ({ name, colour }, k) => `<text class="${colour} name" x="${left + [0, 330, 560][k]}" y="58">${name}</text>`,
);
const light = 'svg{--paper:#fdfdfb;--ink:#1b1f23;--soft:#56606a;--rule:#d9dcdf;--c0:#0072b2;--c1:#d55e00;--c2:#009e73}';
const dark = 'svg{--paper:#13161a;--ink:#e8eaec;--soft:#a9b2bb;--rule:#363c43;--c0:#56b4e9;--c1:#ee8a3c;--c2:#2fc99a}';
const styles = `${light}@media (prefers-color-scheme:dark){${dark}}text{font:12px system-ui,sans-serif;fill:var(--soft)}.title{font-size:16px;font-weight:600;fill:var(--ink)}polyline{fill:none;stroke-width:2}.rule{stroke:var(--rule)}.bar{fill:var(--c0)}${RULES.map(([, , c]) => `polyline.${c}{stroke:var(--${c})}.name.${c}{fill:var(--${c})}`).join('')}`;
const says = `Least squares on ${data.rows.length} e-mails: distance to the optimum after each of ${STEPS} coordinate updates, by three rules`;
writeFileSync(
  fileURLToPath(new URL('../../docs/pictures/descent.svg', import.meta.url)),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 440" width="${width}" height="440" role="img" aria-label="${says}">
<title>${says}</title>
<style>${styles}</style>
<rect width="${width}" height="440" fill="var(--paper)"/>
<text class="title" x="${left}" y="30">Which coordinate next? Least squares on ${data.rows.length} e-mails, ${count} columns</text>
${names.join('\n')}
${axis.join('\n')}
<clipPath id="shown"><rect x="0" y="0" height="270" width="${width}">${animate('width', [left, right + 4])}</rect></clipPath>
<g clip-path="url(#shown)">
${curves.join('\n')}
</g>
<text x="${right}" y="272" text-anchor="end">coordinate updates, 0 to ${STEPS}; above: distance of the objective to its minimum</text>
<path class="rule" d="M${left} ${middle}H${right}"/>
${bars.join('\n')}
<text x="${right}" y="432" text-anchor="end">the ${count} coefficients under the first rule</text>
</svg>
`,
);
