import { type LiftedIterate, supervisedData } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentContext, ExperimentEvent } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { type Study, whiteSamples } from '../lab.ts';
import { locked } from '../locked.ts';
import { libraryMethod, type Method } from '../models.ts';
import { record } from '../record.ts';
import { ridgeLogistic, tableOf } from '../rival.ts';

// Per sample: μ = min(ν, 2ξ) and L = max(¼ + ν, 2ξ), since XᵀX/n is a projector and the ones are nearly orthogonal to X.
const [NU, XI] = [0.2, 0.15];
const MU = NU;

const shapeOf = ({ size }: ExperimentContext) => locked.claims['exponential-convergence'].sizes[size];

/** The middle of the interval of step sizes that the theory allows, (1/2μ, 3/2L). */
function stepFor({ X }: Study): number {
  // λ of the Gram matrix of [1, X]: at most 1 + the norm of the mean.
  let square = 0;
  for (let j = 0; j < X.cols; j++) square += (X.column(j).reduce((a, b) => a + b, 0) / X.rows) ** 2;
  const bound = 0.25 * (1 + Math.sqrt(square)) + NU;
  return 0.5 * (1 / (2 * MU) + 3 / (2 * bound));
}

/** The lifted problem with one step size, from random initial points. */
export default experiment(record, {
  id: 'convergence',
  title: 'Projected gradients on the lifted problem',
  panels: [
    {
      title: 'change',
      x: { label: 'step' },
      y: { label: 'change of the lifted point, relative', log: true },
      series: [
        { id: 'samples of the rank, start 1', name: 'low rank' },
        { id: 'white, full rank, start 1', name: 'full rank' },
        { id: 'white in all directions, start 1', name: 'white' },
        '{samples}, start {start}',
      ],
    },
  ],
  claims: ['exponential-convergence', 'white-samples'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { p, n, rank, starts } = shapeOf(context);
    const { measures } = locked.claims['exponential-convergence'];
    const { measures: white } = locked.claims['white-samples'];
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const descend = (study: Study, k: number, tau: number, title: string, from = starts) =>
      descents(method, context, { study, k, tau, title, starts: from }, rows, pause);
    yield { kind: 'progress', label: 'samples of the rank', fraction: 0 };
    const low = whiteSamples(p, n, rank, 1000 * context.seed);
    const tau = stepFor(low);
    const runs = yield* descend(low, rank, tau, 'samples of the rank');
    // If the samples have the rank, so does the minimiser of the convex problem: a ridge keeps A in the span of the
    // samples, and B is X.
    const least = [...ridgeLogistic(tableOf(low.X), low.y, NU * n, NU * n), ...low.X.data];
    yield { kind: 'progress', label: 'full rank', fraction: 0.6 };
    const whole = whiteSamples(p, n, p, 1000 * context.seed + 1);
    const toConvex = Math.max(...runs.map((run) => relative(run.point.all, least)));
    yield decide('exponential-convergence', {
      ratio: ratioOf(runs, tau, toConvex <= measures.toConvex['≤']),
      spread: spreadOf(runs, (run) => run.point.all),
      toConvex,
    });
    yield spectrumPicture(runs[0].point, p, n);
    // Samples that are white in more directions than the rank: each subspace that contains A reconstructs them equally
    // well.
    const whiteTau = stepFor(whole);
    const full = yield* descend(whole, p, whiteTau, 'white, full rank');
    const convex = ridgeLogistic(tableOf(whole.X), whole.y, NU * n, NU * n);
    const many = yield* descend(whole, rank, whiteTau, 'white in all directions');
    yield {
      kind: 'table',
      title: `${p} coordinates, ${n} samples`,
      columns: ['samples', 'start', 'rank', 'step', 'steps', 'objective', 'largest ratio'],
      rows,
    };
    yield {
      kind: 'table',
      title: `White in all ${p} directions, rank ${rank}: limits of random starts`,
      columns: ['part', 'distance of limits, relative'],
      rows: [
        ['labels: A and Γ', spreadOf(many, (run) => run.point.label)],
        ['reconstruction: B', spreadOf(many, (run) => run.point.B)],
      ],
    };
    const ofFull = Math.max(...full.map((run) => relative(run.point.label, convex)));
    const spread = spreadOf(many, (run) => run.point.all);
    yield decide('white-samples', {
      fullRatio: ratioOf(full, whiteTau, ofFull <= white.toConvex['≤']),
      toConvex: ofFull,
      ratio: ratioOf(many, whiteTau, spread <= white.spread['≤']),
      spread,
    });
    low.X.free();
    whole.X.free();
  },
});

interface Run {
  readonly ratio: number;
  readonly point: { readonly label: Float64Array; readonly B: Float64Array; readonly all: Float64Array };
}

interface Descent {
  readonly study: Study;
  /** The rank of the dictionary. */
  readonly k: number;
  readonly tau: number;
  readonly title: string;
  readonly starts: number;
}

/** The largest ratio of successive changes, which means nothing unless the runs end where they should. */
const ratioOf = (runs: readonly Run[], tau: number, right: boolean) => ({
  value: right ? Math.max(...runs.map((run) => run.ratio)) : Number.POSITIVE_INFINITY,
  reference: 2 * (1 - tau * MU),
});

/** Projected gradients from every initial point, with their curves and rows of the table. */
async function* descents(
  method: Method,
  context: ExperimentContext,
  { study, k, tau, title, starts }: Descent,
  rows: Cell[][],
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Run[]> {
  const { p, n } = shapeOf(context);
  const runs: Run[] = [];
  for (let start = 0; start < starts; start++) {
    const data = supervisedData(study.X, study.y);
    const options = {
      rank: k,
      xi: XI * n,
      l2: NU * n,
      model: 'filter',
      step: tau / n,
      seed: 10 * context.seed + start,
      tol: 1e-13,
    } as const;
    const changes: number[] = [];
    const seconds: number[] = [];
    let end: LiftedIterate | undefined;
    let point: Run['point'] | undefined;
    const begun = performance.now();
    for (const it of method.lifted(data, options)) {
      if (it.iteration > 0) {
        changes.push(it.change);
        seconds.push((performance.now() - begun) / 1000);
      }
      end = it;
      if (it.done || it.iteration >= 400) {
        const { dictionary: W, codes: H, coefficients: beta, auxiliary } = it.snapshot();
        point = lift(W, H, beta, auxiliary, p, n, k);
        break;
      }
      await pause();
    }
    data.free();
    const { size, iteration, objective } = end!;
    const x = changes.map((_, t) => t + 1);
    const y = changes.map((v) => Math.max(v / size, 1e-17));
    yield { kind: 'points', panel: 'change', series: `${title}, start ${start + 1}`, x, y, work: { seconds } };
    // Until changes are dominated by rounding.
    const ratios = changes.flatMap((v, t) => (t > 0 && v > 1e-11 * size ? [v / changes[t - 1]] : []));
    runs.push({ ratio: Math.max(...ratios), point: point! });
    rows.push([title, start + 1, k, tau, iteration, objective, Math.max(...ratios)]);
  }
  return runs;
}

const spreadOf = (runs: readonly Run[], part: (run: Run) => Float64Array): number =>
  Math.max(0, ...runs.slice(1).map((run) => relative(part(run), part(runs[0]))));

/** (A, Γ), B and their concatenation, from factors. */
function lift(
  W: Float64Array,
  H: Float64Array,
  beta: Float64Array,
  gamma: Float64Array,
  p: number,
  n: number,
  r: number,
) {
  const label = new Float64Array(p + gamma.length);
  for (let i = 0; i < p; i++) for (let k = 0; k < r; k++) label[i] += W[k * p + i] * beta[k];
  label.set(gamma, p);
  const B = new Float64Array(n * p);
  for (let k = 0; k < r; k++) {
    for (let i = 0; i < p; i++) for (let s = 0; s < n; s++) B[i * n + s] += H[k * n + s] * W[k * p + i];
  }
  const all = new Float64Array(label.length + B.length);
  all.set(label);
  all.set(B, label.length);
  return { label, B, all };
}

/** The weights of coordinates in the labels, and their magnitudes in the reconstruction. */
function spectrumPicture({ label, B }: Run['point'], p: number, n: number): ExperimentEvent {
  const points = Array.from({ length: p }, (_, i) => {
    let square = 0;
    for (let s = 0; s < n; s++) square += B[i * n + s] ** 2;
    return { x: label[i], y: Math.sqrt(square / n) };
  });
  const picture = {
    type: 'scatter',
    xLabel: 'weight in the labels',
    yLabel: 'size in the reconstruction',
    points,
  } as const;
  return { kind: 'picture', title: 'Coordinates of the limit', picture };
}

function relative(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [off, size] = [0, 0];
  for (let k = 0; k < y.length; k++) {
    off += (x[k] - y[k]) ** 2;
    size += y[k] ** 2;
  }
  return Math.sqrt(off / size);
}
