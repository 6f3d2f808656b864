import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  type OptionsOf,
  Random,
  seedOption,
} from '@southwell/numerics/core';

const records = {
  /**
   * `anneal`: simulated annealing by exchanges of a one and a zero (default). `greedy`: the best exchange while there is one that
   * lowers the value. `exhaustive`: all choices, for few variables.
   */
  solver: choiceOption({ anneal: 'annealing by exchanges', greedy: 'best exchanges', exhaustive: 'all choices' }),
  /** Annealing: runs from random starts, of which the best counts. Default 1. */
  restarts: integerOption({ min: 1 }),
  /** Annealing: proposals for each variable at each temperature. Default 1. */
  sweeps: integerOption({ min: 1 }),
  seed: seedOption(),
} as const;

/** Options of {@link minimizeBinaryQuadratic}. */
export type BinaryQuadraticOptions = OptionsOf<typeof records>;

/** A choice of variables. */
export interface BinaryPoint {
  /** 1 for the variables that are chosen. */
  readonly x: Uint8Array;
  /** x'Qx. */
  readonly value: number;
}

/** Inverse temperatures, for a matrix whose mean magnitude is 1: from the first to the last by this factor. */
const [HOTTEST, COLDEST, FACTOR] = [0.001, 100, 1.1];
/** Choices that `exhaustive` looks at. */
const MOST = 5e6;

/**
 * Least x'Qx over x of zeros and exactly k ones, by exchanges: fields f_i = Q_ii + Σ_{j ≠ i} (Q_ij + Q_ji)·x_j make the change of an
 * exchange one of constant cost, and an accepted one costs O(n). Q is scaled so that its mean magnitude is 1, for which the 121
 * temperatures of the annealing are made (iCBS, arXiv 2411.17796); all entries 0: the first k variables. Annealing costs O(n)
 * proposals for each temperature, a greedy step O(k·(n − k)). Q is n × n, and need not be symmetric.
 * @throws INVALID_SHAPE unless Q is square; INVALID_PARAMETER for unknown options, k outside of 0 to n, and too many choices for
 * `exhaustive`; NON_FINITE for entries that are NaN or infinite.
 */
export function minimizeBinaryQuadratic(Q: DenseMatrix, k: number, options: BinaryQuadraticOptions = {}): BinaryPoint {
  checkOptions('minimizeBinaryQuadratic', records, options);
  const { solver = 'anneal', restarts = 1, sweeps = 1, seed = 0 } = options;
  const n = Q.rows;
  if (Q.cols !== n) fail('INVALID_SHAPE', `minimizeBinaryQuadratic: Q must be square, not ${n} × ${Q.cols}.`);
  if (!Number.isInteger(k) || k < 0 || k > n)
    fail('INVALID_PARAMETER', `minimizeBinaryQuadratic: k must be a whole number from 0 to ${n}, not ${String(k)}.`);
  const { pairs, linear, scale } = symmetric(Q);
  const start = Uint8Array.from({ length: n }, (_, i) => (i < k ? 1 : 0));
  if (k === 0 || k === n || scale === 0) return { x: start, value: objectiveAt(Q, start) };
  let x: Uint8Array;
  if (solver === 'exhaustive') x = exhaustive(pairs, linear, n, k);
  else if (solver === 'greedy') x = greedy(pairs, linear, start);
  else {
    const random = new Random(seed);
    x = start;
    let least = Number.POSITIVE_INFINITY;
    for (let r = 0; r < restarts; r++) {
      const found = anneal(pairs, linear, { n, k, sweeps, random });
      if (found.value < least) [least, x] = [found.value, found.x];
    }
  }
  return { x, value: objectiveAt(Q, x) };
}

/** The scaled problem Σ linear_i·x_i + ½ Σ pairs_ij·x_i·x_j: pairs are symmetric with a diagonal of 0. */
function symmetric({ data, rows: n }: DenseMatrix) {
  let [sum, count] = [0, 0];
  for (let at = 0; at < data.length; at++) {
    if (!Number.isFinite(data[at]))
      fail('NON_FINITE', `minimizeBinaryQuadratic: entry [${at % n}, ${Math.floor(at / n)}] of Q is ${data[at]}.`);
    if (data[at] !== 0) {
      sum += Math.abs(data[at]);
      count++;
    }
  }
  const scale = count === 0 ? 0 : count / sum;
  const pairs = new Float64Array(n * n);
  const linear = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    linear[i] = scale * data[i * n + i];
    for (let j = 0; j < n; j++) if (j !== i) pairs[i * n + j] = scale * (data[i * n + j] + data[j * n + i]);
  }
  return { pairs, linear, scale };
}

function objectiveAt({ data, rows: n }: DenseMatrix, x: Uint8Array): number {
  let value = 0;
  for (let j = 0; j < n; j++) if (x[j] === 1) for (let i = 0; i < n; i++) if (x[i] === 1) value += data[j * n + i];
  return value;
}

function fieldsOf(pairs: Float64Array, linear: Float64Array, x: Uint8Array): Float64Array {
  const n = linear.length;
  const fields = Float64Array.from(linear);
  for (let j = 0; j < n; j++) if (x[j] === 1) for (let i = 0; i < n; i++) fields[i] += pairs[j * n + i];
  return fields;
}

/** Turns the one at `out` to zero and the zero at `into` to one. */
function exchange(pairs: Float64Array, fields: Float64Array, out: number, into: number): void {
  const n = fields.length;
  for (let i = 0; i < n; i++) fields[i] += pairs[into * n + i] - pairs[out * n + i];
}

interface Annealing {
  readonly n: number;
  readonly k: number;
  readonly sweeps: number;
  readonly random: Random;
}

function anneal(pairs: Float64Array, linear: Float64Array, { n, k, sweeps, random }: Annealing): BinaryPoint {
  // Places of ones, then of zeros, in random order.
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const x = new Uint8Array(n);
  for (let i = 0; i < k; i++) x[order[i]] = 1;
  const fields = fieldsOf(pairs, linear, x);
  let value = 0;
  for (let i = 0; i < k; i++) value += (fields[order[i]] + linear[order[i]]) / 2;
  let best = { x: x.slice(), value };
  for (let beta = HOTTEST; beta <= COLDEST * (1 + 1e-9); beta *= FACTOR)
    for (let proposal = 0; proposal < n * sweeps; proposal++) {
      const a = Math.floor(random.uniform() * k);
      const b = k + Math.floor(random.uniform() * (n - k));
      const [out, into] = [order[a], order[b]];
      const change = fields[into] - fields[out] - pairs[out * n + into];
      if (change > 0 && random.uniform() >= Math.exp(-beta * change)) continue;
      exchange(pairs, fields, out, into);
      [order[a], order[b]] = [into, out];
      x[out] = 0;
      x[into] = 1;
      value += change;
      if (value < best.value - 1e-12) best = { x: x.slice(), value };
    }
  return best;
}

function greedy(pairs: Float64Array, linear: Float64Array, start: Uint8Array): Uint8Array {
  const x = start.slice();
  const n = x.length;
  const fields = fieldsOf(pairs, linear, x);
  for (;;) {
    let [least, out, into] = [-1e-12, -1, -1];
    for (let i = 0; i < n; i++) {
      if (x[i] === 0) continue;
      for (let j = 0; j < n; j++) {
        if (x[j] === 1) continue;
        const change = fields[j] - fields[i] - pairs[i * n + j];
        if (change < least) [least, out, into] = [change, i, j];
      }
    }
    if (out < 0) return x;
    exchange(pairs, fields, out, into);
    x[out] = 0;
    x[into] = 1;
  }
}

function exhaustive(pairs: Float64Array, linear: Float64Array, n: number, k: number): Uint8Array {
  let choices = 1;
  for (let i = 1; i <= k; i++) choices = (choices * (n - k + i)) / i;
  if (choices > MOST)
    fail(
      'INVALID_PARAMETER',
      `minimizeBinaryQuadratic: there are ${choices.toPrecision(2)} choices of ${k} among ${n}, too many to look at all.`,
    );
  let best = Number.POSITIVE_INFINITY;
  let found = new Uint8Array(n);
  const x = new Uint8Array(n);
  const visit = (from: number, left: number, value: number, fields: Float64Array): void => {
    if (left === 0) {
      if (value < best) [best, found] = [value, x.slice()];
      return;
    }
    for (let i = from; i <= n - left; i++) {
      x[i] = 1;
      visit(
        i + 1,
        left - 1,
        value + fields[i],
        fields.map((f, j) => f + pairs[i * n + j]),
      );
      x[i] = 0;
    }
  };
  visit(0, k, 0, linear);
  return found;
}
