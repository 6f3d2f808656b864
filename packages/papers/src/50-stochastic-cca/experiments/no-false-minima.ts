import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { exactCca, orthonormal, tableOf } from '../exact.ts';
import { libraryMethod, type Method, planted } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims['no-false-minima'];
const { components: K, rows: ROWS, columns, correlations, most } = sizes.quick;

/** Full-batch descent on the loss from many initial points. */
export default experiment(record, {
  id: 'no-false-minima',
  title: 'One basin from every start',
  panels: [
    {
      title: 'Planted, 20 + 16 columns',
      x: { label: 'gradient steps' },
      y: { label: 'loss above its least value, relative', log: true },
      series: ['start {number}'],
    },
  ],
  claims: ['no-false-minima'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const root = new Random(context.seed);
    const seed = root.split(0).integer(2 ** 32);
    const views = await planted(ROWS, columns, correlations, seed, pause);
    const [X, Y] = views.map(tableOf);
    const exact = exactCca(X, Y, K);
    const least = -exact.correlations.reduce((s, v) => s + v * v, 0);
    const rows = [X.data, Y.data];
    const count = X.rows;
    const joint = stack(exact.weights);
    const table: Cell[][] = [];
    let [worstLoss, worstAngle] = [0, 0];
    const { starts: total } = sizes[context.size];
    for (let start = 0; start < total; start++) {
      yield { kind: 'progress', label: `start ${start + 1}`, fraction: start / total };
      const random = root.split(1).split(start);
      const weights = views.map((X) =>
        Float64Array.from({ length: X.cols * K }, () => random.normal() / Math.sqrt(X.cols)),
      );
      const curve = await descend(method, rows, weights, count, least, pause);
      const gap = Math.abs((loss(rows, weights, count) - least) / least);
      const angle = largestAngle(stack(weights), joint);
      worstLoss = Math.max(worstLoss, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap);
      worstAngle = Math.max(worstAngle, Number.isNaN(angle) ? Number.POSITIVE_INFINITY : angle);
      table.push([start + 1, curve.x[curve.x.length - 1], gap, angle]);
      const { x, y, seconds } = curve;
      const series = `start ${start + 1}`;
      yield { kind: 'points', panel: 'Planted, 20 + 16 columns', series, x, y, work: { seconds } };
    }
    yield decide('no-false-minima', { loss: worstLoss, angle: worstAngle });
    const headings = ['start', 'steps', 'loss above its least, relative', 'largest angle'];
    yield { kind: 'table', title: 'Where each start ends', columns: headings, rows: table };
  },
});

/** Minimises from the weights, in place, with Barzilai–Borwein step lengths, without a line search. */
async function descend(
  method: Method,
  rows: readonly Float64Array[],
  weights: readonly Float64Array[],
  count: number,
  least: number,
  pause: Pause,
): Promise<{ readonly x: number[]; readonly y: number[]; readonly seconds: number[] }> {
  const curve = { x: [] as number[], y: [] as number[], seconds: [] as number[] };
  let seconds = 0;
  let before: { x: Float64Array; g: Float64Array } | undefined;
  for (let step = 0; step < most; step++) {
    const resumed = performance.now();
    const { gradients } = method.gradient(rows, rows, weights, [0, 0], count, K);
    const [x, g] = [flatten(weights), flatten(gradients)];
    const size = Math.sqrt(dot(g, g));
    let rate = 0.02;
    if (before) {
      const s = x.map((v, at) => v - before!.x[at]);
      const y = g.map((v, at) => v - before!.g[at]);
      const sy = dot(s, y);
      if (sy > 0) rate = Math.min(1, dot(s, y) / dot(y, y));
    }
    before = { x, g };
    let at = 0;
    for (const U of weights) for (let j = 0; j < U.length; j++) U[j] -= rate * g[at++];
    seconds += (performance.now() - resumed) / 1000;
    if (step % 10 === 0 || size <= 1e-9) {
      curve.x.push(step);
      curve.y.push(Math.max(1e-16, Math.abs((loss(rows, weights, count) - least) / least)));
      curve.seconds.push(seconds);
    }
    if (size <= 1e-9 || !(size < 1e6)) break;
    await pause();
  }
  return curve;
}

/** The full-batch loss by its definition, independent of the gradient under test. */
function loss(rows: readonly Float64Array[], weights: readonly Float64Array[], count: number): number {
  const Z = rows.map((X, v) => {
    const d = weights[v].length / K;
    const z = new Float64Array(count * K);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < d; j++) for (let c = 0; c < K; c++) z[i * K + c] += X[i * d + j] * weights[v][j * K + c];
    }
    return z;
  });
  let between = 0;
  let square = 0;
  for (let a = 0; a < K; a++) {
    for (let b = 0; b < K; b++) {
      let within = 0;
      for (let i = 0; i < count; i++) {
        within += (Z[0][i * K + a] * Z[0][i * K + b] + Z[1][i * K + a] * Z[1][i * K + b]) / (count - 1);
        if (a === b) between += (2 * Z[0][i * K + a] * Z[1][i * K + a]) / (count - 1);
      }
      square += within * within;
    }
  }
  return -2 * between + square;
}

function flatten(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((s, p) => s + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

const dot = (x: Float64Array, y: Float64Array): number => x.reduce((s, v, at) => s + v * y[at], 0);

/** An orthonormal basis of the columns of all views' weights, stacked. */
function stack(weights: readonly Float64Array[]): Float64Array[] {
  const all = orthonormal(flatten(weights), K);
  return Array.from({ length: K }, (_, c) => Float64Array.from({ length: all.length / K }, (__, j) => all[j * K + c]));
}

/**
 * Upper bound on the sine of the largest principal angle between two subspaces: the norm of the component of one
 * outside the other.
 */
function largestAngle(P: readonly Float64Array[], Q: readonly Float64Array[]): number {
  let sum = 0;
  for (const q of Q) {
    const rest = q.slice();
    for (const p of P) {
      const share = dot(p, q);
      for (let j = 0; j < rest.length; j++) rest[j] -= share * p[j];
    }
    sum += dot(rest, rest);
  }
  return Math.sqrt(sum);
}
