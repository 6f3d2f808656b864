import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { cholesky, eigenSymmetric } from '@southwell/numerics/linalg';
import { createSketch } from '@southwell/numerics/sketches';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { ALPHA, gapMatrix, normalWeights, RHO } from '../gap.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const BEYOND = 3 / 7;

/** The gap in the proof, by its counterexample, and weights other than signs. */
export default experiment(record, {
  id: 'proof-gap',
  title: 'What the proof leaves open',
  panels: [
    {
      title: 'error of the first coefficient beside deviations on fixed pairs',
      x: { label: 'columns d', log: true },
      y: { label: 'size', log: true },
      series: ['first coefficient', 'deviation on fixed pairs'],
    },
  ],
  claims: ['proof-gap', 'normal-weights'],
  method: gapMatrix,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { dimensions, draws: matrices, pairs } = locked.claims['proof-gap'].sizes[context.size];
    const wanted = (ALPHA * RHO) / (1 - RHO ** 2);
    const found = { value: [] as Labelled[], closed: [] as Labelled[], stretch: [] as Labelled[] };
    const deviations: number[] = [];
    const rows: Cell[][] = [];
    const panel = 'error of the first coefficient beside deviations on fixed pairs';
    for (const [k, d] of dimensions.entries()) {
      yield { kind: 'progress', label: `d = ${d}`, fraction: k / (dimensions.length + 1) };
      for (let draw = 0; draw < matrices; draw++) {
        const random = new Random(context.seed).split(d).split(draw);
        const { M } = method(d, random);
        // S = M^½: the normal equations of SA, Sb with A = [e₁ … e_d], b = e_{d+1}.
        const B = DenseMatrix.create(d, d);
        for (let j = 0; j < d; j++) B.column(j).set(M.column(j).subarray(0, d));
        const first = cholesky(B).solve(M.column(d).slice(0, d))[0];
        const { values } = eigenSymmetric(M, { vectors: false });
        const stretch = Math.max(...Array.from(values, (v) => Math.abs(Math.sqrt(v) - 1)));
        const label = `d = ${d}`;
        found.value.push({ label, value: Math.abs(first - 0.00250627) });
        found.closed.push({ label, value: Math.abs(first - wanted) });
        found.stretch.push({ label, value: stretch });
        const deviation = fixedDeviation(M, pairs, random.split(7));
        if (draw === 0) {
          deviations.push(deviation);
          yield { kind: 'points', panel, series: 'first coefficient', x: [d], y: [Math.abs(first)] };
          yield { kind: 'points', panel, series: 'deviation on fixed pairs', x: [d], y: [deviation] };
        }
        rows.push([d, first, stretch, deviation]);
        await pause();
      }
    }
    const fade = deviations[deviations.length - 1] / deviations[0];
    yield decide('proof-gap', { ...found, fade });
    yield { kind: 'progress', label: 'weights', fraction: 0.9 };
    const { draws, rows: n, sketchRows: m } = locked.claims['normal-weights'].sizes[context.size];
    const shares: Record<string, number> = {};
    const kinds = ['normal weights', 'srht', 'gaussian-pooled'] as const;
    for (const kind of kinds) {
      let beyond = 0;
      for (let draw = 0; draw < draws; draw++) {
        if (!(Math.abs(coefficientOf(kind, n, m, 100_000 * context.seed + draw)) <= BEYOND)) beyond++;
        if (draw % 50 === 0) await pause();
      }
      shares[kind] = beyond / draws;
    }
    yield decide('normal-weights', {
      margin: shares['normal weights'] - Math.max(shares.srht, shares['gaussian-pooled']),
      weights: shares['normal weights'],
      signs: [
        { label: 'SRHT', value: shares.srht },
        { label: 'pooled', value: shares['gaussian-pooled'] },
      ],
    });
    const columns = ['d', 'first coefficient', 'singular values from 1', 'deviation on fixed pairs'];
    yield { kind: 'table', title: 'The counterexample', columns, rows };
    yield {
      kind: 'table',
      title: 'Coefficients beyond 3/7, where the true one is 0',
      columns: ['weights', 'share of draws'],
      rows: kinds.map((kind) => [kind, shares[kind]]),
    };
  },
});

interface Labelled {
  readonly label: string;
  readonly value: number;
}

/** The mean of |gᵀMh − gᵀh| over pairs of random unit vectors independent of M. */
function fixedDeviation(M: DenseMatrix, pairs: number, random: Random): number {
  const n = M.rows;
  const unit = () => {
    const v = Float64Array.from({ length: n }, () => random.normal());
    const size = Math.sqrt(v.reduce((s, t) => s + t * t, 0));
    return v.map((t) => t / size);
  };
  let sum = 0;
  for (let pair = 0; pair < pairs; pair++) {
    // The first is e₁, which the matrix treats differently: the worst coordinate.
    const [g, h] = [unit(), unit()];
    if (pair % 2 === 0) g.fill(0).fill(1, 0, 1);
    let own = 0;
    for (let j = 0; j < n; j++) {
      const column = M.column(j);
      let image = 0;
      for (let i = 0; i < n; i++) image += g[i] * column[i];
      own += (image - g[j]) * h[j];
    }
    sum += Math.abs(own);
  }
  return sum / pairs;
}

/** The coefficient, or NaN if the sketch loses u, of u = (e₁ + e₂)/√2 in a sketched fit of r = (e₁ − e₂)/√2. */
function coefficientOf(
  kind: 'normal weights' | 'srht' | 'gaussian-pooled',
  n: number,
  rows: number,
  seed: number,
): number {
  const [u, r] = [1, -1].map((sign) => {
    const v = new Float64Array(n);
    v[0] = Math.SQRT1_2;
    v[1] = sign * Math.SQRT1_2;
    return v;
  });
  const weighted = kind === 'normal weights';
  const sketch = createSketch(weighted ? 'srht' : kind, n, rows, seed);
  const weights = weighted ? normalWeights(n, new Random(seed).split(3)) : undefined;
  const [Su, Sr] = [u, r].map((v) => sketch.applyVector(v, weights));
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, v, i) => s + v * b[i], 0);
  return dot(Su, Sr) / dot(Su, Su);
}
