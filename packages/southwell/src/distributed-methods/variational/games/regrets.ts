import type { Best } from './best.ts';
import type { Payoffs } from './payoffs.ts';

/** State of predictive regret matching⁺ between steps, as plain data. */
export interface RegretState {
  readonly step: number;
  readonly vectors: Readonly<Record<VectorName, Float64Array>>;
}

type VectorName = 'x' | 'y' | 'regretsX' | 'regretsY' | 'sumX' | 'sumY' | 'sumToColumns' | 'sumToRows';

/** p ← the positive part of the regrets of another step with the same payoffs, normalised; p itself if there is none. */
function predict(regrets: Float64Array, gains: Float64Array, level: number, p: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += Math.max(regrets[i] + gains[i] - level, 0);
  if (sum === 0) return;
  for (let i = 0; i < p.length; i++) p[i] = Math.max(regrets[i] + gains[i] - level, 0) / sum;
}

/** One player's part of a step: regrets of the payoffs `gains` at p are added, and p becomes the next strategy. */
function step(regrets: Float64Array, gains: Float64Array, p: Float64Array): void {
  let level = 0;
  for (let i = 0; i < p.length; i++) level += p[i] * gains[i];
  for (let i = 0; i < p.length; i++) regrets[i] = Math.max(regrets[i] + gains[i] - level, 0);
  predict(regrets, gains, level, p);
}

/**
 * Predictive regret matching⁺ (Farina, Kroer & Sandholm, Faster game solving via predictive Blackwell approachability,
 * AAAI 2021, algorithm 3), with alternating players and averages weighted by t². It has no step size, and two products
 * with A a step. After each step the average and the last strategies are offered to `best`.
 */
export function* regretSteps(
  payoffs: Payoffs,
  best: Best,
  resume?: RegretState,
): Generator<{ readonly step: number; state(): RegretState }> {
  const { rows: m, cols: n } = payoffs;
  const vectors: Record<VectorName, Float64Array> = resume
    ? (Object.fromEntries(Object.entries(resume.vectors).map(([name, v]) => [name, v.slice()])) as Record<
        VectorName,
        Float64Array
      >)
    : {
        ...{ x: new Float64Array(m).fill(1 / m), y: new Float64Array(n).fill(1 / n) },
        ...{ regretsX: new Float64Array(m), regretsY: new Float64Array(n) },
        ...{ sumX: new Float64Array(m), sumY: new Float64Array(n) },
        ...{ sumToColumns: new Float64Array(n), sumToRows: new Float64Array(m) },
      };
  const { x, y, regretsX, regretsY, sumX, sumY, sumToColumns, sumToRows } = vectors;
  const toRows = payoffs.ofRows(y, new Float64Array(m));
  const toColumns = new Float64Array(n);
  const losses = new Float64Array(n);
  for (let t = (resume?.step ?? 0) + 1; ; t++) {
    step(regretsX, toRows, x);
    payoffs.ofColumns(x, toColumns);
    for (let j = 0; j < n; j++) losses[j] = -toColumns[j];
    step(regretsY, losses, y);
    payoffs.ofRows(y, toRows);
    const weight = t * t;
    for (let i = 0; i < m; i++) {
      sumX[i] += weight * x[i];
      sumToRows[i] += weight * toRows[i];
    }
    for (let j = 0; j < n; j++) {
      sumY[j] += weight * y[j];
      sumToColumns[j] += weight * toColumns[j];
    }
    const share = 6 / (t * (t + 1) * (2 * t + 1));
    best.offerX(sumX, sumToColumns, share);
    best.offerX(x, toColumns);
    best.offerY(sumY, sumToRows, share);
    best.offerY(y, toRows);
    yield {
      step: t,
      state: () => ({
        step: t,
        vectors: Object.fromEntries(Object.entries(vectors).map(([name, v]) => [name, v.slice()])) as Record<
          VectorName,
          Float64Array
        >,
      }),
    };
  }
}
