import * as ad from '@southwell/autodiff';
import { loadBundledBiodiesel } from '@southwell/data';
import type { OutputConstraints, OutputObjective } from 'southwell/black-box';
import { type LinearLayer, multilayer, networkOf } from './networks.ts';
import type { Problem } from './problems.ts';

/** Minutes, and units of power, at 1. */
export const SCALE = [120, 20] as const;
/** Times at which the reactor is predicted. */
const TIMES = 100;
/** Outputs at a time: the concentrations TG, DG, MG, G, ME and the temperature. */
const OUTPUTS = 6;
const [ME, T] = [4, 5];
/** Most energy tQ, and the temperatures between which the reactor must be. */
const [ENERGY, COLDEST, HOTTEST] = [500, 20, 65];
/** Constraints are multiplied by it. */
const WEIGHT = 1000;

/** Biodiesel over what is not yet converted, in the mean over the times; negated. */
const yielded: OutputObjective = {
  value(y) {
    let sum = 0;
    for (let k = 0; k < y.length; k += OUTPUTS) sum += y[k + ME] / (y[k] + y[k + 1] + y[k + 2]);
    return -sum / TIMES;
  },
  gradient(y) {
    const g = new Float64Array(y.length);
    for (let k = 0; k < y.length; k += OUTPUTS) {
      const left = y[k] + y[k + 1] + y[k + 2];
      g.fill(y[k + ME] / left ** 2 / TIMES, k, k + 3);
      g[k + ME] = -1 / left / TIMES;
    }
    return g;
  },
};

/** 0 ≤ t ≤ 120, 0 ≤ Q ≤ 20, tQ ≤ 500; then at every time concentrations of at least 0, and 20 ≤ T ≤ 65. */
const limits: OutputConstraints = {
  value(x, y) {
    const [t, q] = [x[0] * SCALE[0], x[1] * SCALE[1]];
    const c = [-t, t - SCALE[0], -q, q - SCALE[1], t * q - ENERGY];
    for (let k = 0; k < y.length; k += OUTPUTS) {
      for (let i = k; i < k + T; i++) c.push(-y[i]);
      c.push(COLDEST - y[k + T], y[k + T] - HOTTEST);
    }
    return Float64Array.from(c, (v) => WEIGHT * v);
  },
  vjp(x, y, u) {
    const energy = u[4] * SCALE[0] * SCALE[1];
    const byX = [SCALE[0] * (u[1] - u[0]) + energy * x[1], SCALE[1] * (u[3] - u[2]) + energy * x[0]];
    const byY = new Float64Array(y.length);
    for (let k = 0, at = 5; k < y.length; k += OUTPUTS, at += 7) {
      for (let i = 0; i < T; i++) byY[k + i] = -WEIGHT * u[at + i];
      byY[k + T] = WEIGHT * (u[at + 6] - u[at + 5]);
    }
    return [Float64Array.from(byX, (v) => WEIGHT * v), byY];
  },
};

/** The reactor of the paper: minutes and power, over {@link SCALE}, from (40, 6). */
export async function bioDiesel(): Promise<Problem> {
  const { tensors } = await loadBundledBiodiesel();
  const layers = ['f1', 'f2', 'f3', 'out'].map((name): LinearLayer => {
    const { shape, values } = tensors[`${name}.weight`];
    const stored = ad.tensor(Float64Array.from(values as Float32Array), { shape });
    return {
      weight: ad.tensor(ad.transpose(stored).data(), { shape: [shape[1], shape[0]] }),
      bias: ad.tensor(Float64Array.from(tensors[`${name}.bias`].values as Float32Array)),
    };
  });
  const predict = multilayer(layers, 'tanh');
  // Rows (t·i/100, Q): x times a matrix with the times in its first columns, and the power in the others.
  const spread = new Float64Array(4 * TIMES);
  for (let i = 0; i < TIMES; i++) {
    spread[2 * i] = (SCALE[0] * (i + 1)) / TIMES;
    spread[2 * TIMES + 2 * i + 1] = SCALE[1];
  }
  const inputs = ad.tensor(spread, { shape: [2, 2 * TIMES] });
  return {
    name: 'bio-diesel',
    network: networkOf(2, (x) => {
      const rows = ad.reshape(ad.matmul(ad.expandDims(x, 0), inputs), [TIMES, 2]);
      return ad.reshape(predict(rows), [TIMES * OUTPUTS]);
    }),
    objective: yielded,
    constraints: limits,
    x0: Float64Array.of(40 / SCALE[0], 6 / SCALE[1]),
    radii: { first: 1e-3, attack: [1e-6, 1], poll: [1e-6, 0.1] },
  };
}
