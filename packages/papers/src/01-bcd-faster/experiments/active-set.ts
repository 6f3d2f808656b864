import { CscMatrix, DenseMatrix, Random } from 'southwell';
import { type BlockProblem, leastSquares } from 'southwell/blocks';
import { l1 } from 'southwell/penalties';
import { experiment } from '../../define.ts';
import type { Size } from '../../size.ts';
import { libraryMethod, type Method, supportOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import type { RivalIterate } from '../rival.ts';
import { largest, nonNegativeMinimiser, type Smooth, squaredLoss } from '../rivalFunctions.ts';
import { thresholdedDescent } from '../rivalProximal.ts';

const { sizes } = locked.claims['active-set-complexity'];

interface Draw {
  readonly problem: BlockProblem;
  /** f by independent code, as a function of the positive and negative parts, each at least 0. */
  readonly halves: Smooth;
  readonly own: Smooth;
  /** Largest and smallest eigenvalue of the Hessian. */
  readonly L: number;
  readonly mu: number;
}

/**
 * ½‖Aw − y‖² + ½‖x‖² + λ‖x‖₁ with A 200 × 50 and a 10-sparse w; the ridge as 50 additional rows, so that f is μ-convex.
 */
function draw(random: Random, size: Size): Draw {
  const { rows: n, columns: p, nonZeros } = sizes[size];
  const A = DenseMatrix.create(n + p, p);
  for (let j = 0; j < p; j++) for (let i = 0; i < n; i++) A.set(i, j, random.normal());
  for (let j = 0; j < p; j++) A.set(n + j, j, 1);
  const y = new Float64Array(n + p);
  for (const j of random.sample(p, nonZeros)) {
    const w = random.normal();
    for (let i = 0; i < n; i++) y[i] += w * A.get(i, j);
  }
  for (let i = 0; i < n; i++) y[i] += random.normal();
  const twice = DenseMatrix.create(n + p, 2 * p);
  for (let j = 0; j < 2 * p; j++)
    for (let i = 0; i < n + p; i++) twice.set(i, j, j < p ? A.get(i, j) : -A.get(i, j - p));
  const halves = squaredLoss(CscMatrix.fromDense(twice), y);
  const H = halves.block(Array.from({ length: p }, (_, i) => i));
  const L = largest(H, p);
  const mu =
    L -
    largest(
      H.map((v, at) => (at % (p + 1) === 0 ? L : 0) - v),
      p,
    );
  const problem = leastSquares(CscMatrix.fromDense(A), y);
  const own = squaredLoss(CscMatrix.fromDense(A), y);
  return { problem, halves, own, L, mu };
}

/** Two points have the same support if their keys are equal. */
const key = (x: ArrayLike<number>): string => supportOf(x).join();

/** The largest λ of a grid of ratios that leaves at least 10 non-zeros, and the minimiser, by independent code. */
function withTenNonZeros({ halves, L }: Draw): { lambda: number; minimiser: Float64Array } {
  const p = halves.curvature.length / 2;
  const top = halves.gradient(new Float64Array(2 * p)).reduce((m, v) => Math.max(m, -v), 0);
  for (let lambda = top; ; lambda *= 0.9) {
    const x = nonNegativeMinimiser(halves, lambda);
    const minimiser = Float64Array.from({ length: p }, (_, i) => x[i] - x[p + i]);
    if (supportOf(minimiser).length >= sizes.quick.nonZeros) return { lambda, minimiser };
    if (lambda < 1e-12 * L) throw new Error('No λ leaves ten non-zeros.');
  }
}

interface Path {
  /** The first step from which the support remains that of x*; infinite if the final support differs. */
  readonly identified: number;
  /** ‖x_k − x*‖. */
  readonly distances: readonly number[];
}

/** Runs until no step changes the point, or far beyond the bound. */
function path(iterates: Iterable<RivalIterate>, minimiser: Float64Array, steps: number): Path {
  const expected = key(minimiser);
  const distances: number[] = [];
  let identified = Number.POSITIVE_INFINITY;
  for (const it of iterates) {
    let sum = 0;
    for (let i = 0; i < minimiser.length; i++) sum += (it.x[i] - minimiser[i]) ** 2;
    distances.push(Math.sqrt(sum));
    if (key(it.x) !== expected) identified = Number.POSITIVE_INFINITY;
    else if (!Number.isFinite(identified)) identified = it.iteration;
    if (it.iteration >= steps) break;
  }
  return { identified, distances };
}

/** Bar 8 of the study: the active-set complexity of proximal gradient and of cyclic coordinate descent. */
export default experiment(record, {
  id: 'active-set',
  title: 'Active-set complexity',
  panels: [
    {
      title: 'proximal gradient',
      x: { label: 'bound' },
      y: { label: 'iterations to the active set', log: true },
      series: ['draws'],
    },
    {
      title: 'cyclic coordinate descent',
      x: { label: 'bound' },
      y: { label: 'iterations to the active set', log: true },
      series: ['draws'],
    },
  ],
  claims: ['active-set-complexity'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { draws } = sizes[context.size];
    const random = new Random(context.seed);
    const found: Identification[] = [];
    for (let k = 0; k < draws; k++) {
      yield { kind: 'progress', label: 'draws', fraction: k / draws };
      const one = identify(draw(random.split(k), context.size), method);
      found.push(one);
      const { bound, whole, cyclicBound, cyclic } = one;
      yield { kind: 'points', panel: 'proximal gradient', series: 'draws', x: [bound], y: [whole] };
      yield { kind: 'points', panel: 'cyclic coordinate descent', series: 'draws', x: [cyclicBound], y: [cyclic] };
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      context.signal?.throwIfAborted();
    }
    yield {
      kind: 'table',
      title: `${draws} draws`,
      columns: ['draw', '|support|', 'δ', 'gradient: identified', 'bound', 'cyclic: identified', 'its bound'],
      rows: found.map((f, k) => [k, f.support, f.delta, f.whole, f.bound, f.cyclic, f.cyclicBound]),
    };
    yield decide('active-set-complexity', {
      late: found.filter((f) => !within(f.whole, f.bound)).length,
      laterThanOwn: found.filter((f) => !within(f.whole, f.own + 1)).length,
      lateCyclic: found.filter((f) => !within(f.cyclic, f.cyclicBound)).length,
    });
  },
});

/** Infinity, which stands for never, is within no bound. */
const within = (step: number, bound: number): boolean => Number.isFinite(step) && step <= bound;

/** When the active set of a draw is identified, and the bound on it. */
interface Identification {
  readonly support: number;
  /** The margin of the zeros. */
  readonly delta: number;
  readonly whole: number;
  /** The same by independent code. */
  readonly own: number;
  readonly bound: number;
  readonly cyclic: number;
  readonly cyclicBound: number;
}

function identify(d: Draw, method: Method): Identification {
  const { lambda, minimiser } = withTenNonZeros(d);
  const p = minimiser.length;
  const above = new Float64Array(2 * p);
  minimiser.forEach((v, i) => void (above[v > 0 ? i : p + i] = Math.abs(v)));
  const g = d.halves.gradient(above);
  let delta = Number.POSITIVE_INFINITY;
  minimiser.forEach((v, i) => {
    if (v === 0) delta = Math.min(delta, lambda - Math.abs(g[i]));
  });
  const start = Math.hypot(...minimiser);
  const log = Math.log((2 * d.L * start) / delta);
  const bound = Math.ceil((d.L / d.mu) * log);
  const steps = Math.max(2 * bound, 200);
  const common = {
    blocks: 'fixed',
    partition: 'order',
    selection: 'cyclic',
    update: 'proximalGradient',
    penalty: l1(lambda),
  } as const;
  const whole = path(method(d.problem, { ...common, blockSize: p }), minimiser, steps);
  const own = path(thresholdedDescent(d.own, lambda, d.L), minimiser, steps);
  const cyclic = path(method(d.problem, { ...common, blockSize: 1 }), minimiser, steps * p);
  // Within δ/(2L) of x* a step sets every visited coordinate outside the support to zero; those in the support are
  // non-zero only if the distance is also below the smallest |x*_i|.
  const least = minimiser.reduce((m, v) => (v === 0 ? m : Math.min(m, Math.abs(v))), Number.POSITIVE_INFINITY);
  const cyclicBound = withinForGood(cyclic.distances, Math.min(delta / (2 * d.L), least / 2)) + p;
  const support = supportOf(minimiser).length;
  return {
    support,
    delta,
    whole: whole.identified,
    own: own.identified,
    bound,
    cyclic: cyclic.identified,
    cyclicBound,
  };
}

/** The first step from which all distances are at most `radius`. */
function withinForGood(distances: readonly number[], radius: number): number {
  let k = distances.length;
  while (k > 0 && distances[k - 1] <= radius) k--;
  return k < distances.length ? k : Number.POSITIVE_INFINITY;
}
