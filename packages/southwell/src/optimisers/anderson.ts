import {
  checkOptions,
  type Iterate,
  integerOption,
  numberOption,
  type OptionsOf,
  type Status,
} from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import { finiteStart } from './descent.ts';
import { dot } from './oracle.ts';
import { Patience } from './patience.ts';

/** out ← G(x). Must not retain its arguments. */
export type FixedPointMap = (x: Float64Array, out: Float64Array) => void;

const andersonRecords = {
  /** Number of previous differences used (depth m); 0 is plain fixed-point iteration. Default 5. */
  memory: integerOption({ min: 0 }),
  /** Ridge of the least-squares problem, relative to the squares of its columns. Default 1e-12. */
  regularisation: numberOption({ min: 0 }),
};

export interface AndersonOptions extends OptionsOf<typeof andersonRecords> {}

export interface AndersonIterate extends Iterate<Float64Array> {
  readonly x: Float64Array;
  /** Number of rejected accelerated steps so far. */
  readonly refused: number;
}

/**
 * Fixed point of a map by type-II Anderson acceleration (Anderson 1965; Walker & Ni, SIAM J. Numer. Anal. 2011): x is
 * the combination of the last values of the map that minimises the residual G(x) − x to first order. An accelerated
 * step that increases the residual is rejected in favour of G(x), and the memory is restarted, so that for
 * non-expansive maps residuals never grow. The objective and the certificate are both the Euclidean norm of the
 * residual, the latter relative to that at the initial point. Ends with 'converged' at residual 0, 'stalled' if ten
 * iterates bring no smaller residual, 'diverged' if the map is not finite.
 *
 * O(memory · size + memory³) per step besides the map.
 * @throws INVALID_PARAMETER, and NON_FINITE if the initial point is not.
 */
export function* andersonIterates(
  map: FixedPointMap,
  start: ArrayLike<number>,
  options: AndersonOptions = {},
): Generator<AndersonIterate> {
  checkOptions('andersonIterates', andersonRecords, options);
  const { memory = 5, regularisation = 1e-12 } = options;
  const x = finiteStart(start);
  const size = x.length;
  let [value, valueNext] = [new Float64Array(size), new Float64Array(size)];
  const next = new Float64Array(size);
  const history = new History(memory, regularisation);
  const patience = new Patience();
  let [calls, refused] = [1, 0];
  map(x, value);
  let residual = distance(value, x);
  const scale = residual;
  const iterate = (iteration: number, done?: Status): AndersonIterate => ({
    iteration,
    objective: residual,
    certificate: { kind: 'kktResidual', value: residual, relative: scale === 0 ? 0 : residual / scale },
    work: { oracleCalls: calls },
    done,
    refused,
    x,
    snapshot: () => x.slice(),
  });
  for (let iteration = 0; ; iteration++) {
    const idle = patience.exhausted(residual, residual);
    const done = residual === 0 ? 'converged' : !Number.isFinite(residual) ? 'diverged' : idle ? 'stalled' : undefined;
    yield iterate(iteration, done);
    if (done) return;
    const combined = history.combine(x, value, next);
    if (!combined) next.set(value);
    calls++;
    map(next, valueNext);
    let residualNext = distance(valueNext, next);
    if (combined && !(residualNext <= residual)) {
      refused++;
      history.clear();
      next.set(value);
      calls++;
      map(next, valueNext);
      residualNext = distance(valueNext, next);
    } else history.add(x, value, next, valueNext);
    x.set(next);
    [value, valueNext] = [valueNext, value];
    residual = residualNext;
  }
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return Math.sqrt(sum);
}

/** The last differences of residuals and of values of the map. */
class History {
  private readonly residuals: Float64Array[] = [];
  private readonly values: Float64Array[] = [];

  constructor(
    private readonly memory: number,
    private readonly regularisation: number,
  ) {}

  clear(): void {
    this.residuals.length = 0;
    this.values.length = 0;
  }

  add(x: Float64Array, value: Float64Array, next: Float64Array, valueNext: Float64Array): void {
    if (this.memory === 0) return;
    if (this.residuals.length === this.memory) {
      this.residuals.shift();
      this.values.shift();
    }
    this.values.push(valueNext.map((v, k) => v - value[k]));
    this.residuals.push(valueNext.map((v, k) => v - next[k] - (value[k] - x[k])));
  }

  /**
   * out ← the value at x minus the combination of differences that minimises the residual; false without any
   * differences.
   */
  combine(x: Float64Array, value: Float64Array, out: Float64Array): boolean {
    const { residuals, values, regularisation } = this;
    const m = residuals.length;
    if (m === 0) return false;
    // Columns are normalised, or the squares of old, large ones would dominate the new.
    const lengths = residuals.map((r) => Math.sqrt(dot(r, r)) || 1);
    if (!lengths.every(Number.isFinite)) return false;
    const gram = new Float64Array(m * m);
    const weights = new Float64Array(m);
    const f = value.map((v, k) => v - x[k]);
    for (let a = 0; a < m; a++) {
      for (let b = 0; b < m; b++) gram[a * m + b] = dot(residuals[a], residuals[b]) / (lengths[a] * lengths[b]);
      gram[a * m + a] += regularisation;
      weights[a] = dot(residuals[a], f) / lengths[a];
    }
    factorPositive(gram, m).solve(weights);
    out.set(value);
    for (let a = 0; a < m; a++) {
      const weight = weights[a] / lengths[a];
      for (let k = 0; k < out.length; k++) out[k] -= weight * values[a][k];
    }
    return true;
  }
}
