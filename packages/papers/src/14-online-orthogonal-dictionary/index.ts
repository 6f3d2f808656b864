import { matrixProduct, polarFactor } from '@southwell/numerics/linalg';
import { DenseMatrix, elementary, type MatrixLike } from 'southwell';
import {
  OnlineDictionary,
  OnlineOrthogonalDictionary,
  type OnlineOrthogonalOptions,
  OrthogonalDictionary,
  orthogonalDictionaryIterates,
  recoveryError,
} from 'southwell/factorisation';
import {
  atMost,
  type Cell,
  type Experiment,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
  verdict,
} from '../experiment.ts';
import { pauses } from '../pauses.ts';
import { cosineBasis, logSlope, type Stream, sensorWindows, stream, Windows } from './lab.ts';
import { record } from './record.ts';

/** What is asked of a learner. */
export interface Learner {
  update(batch: MatrixLike): void;
  dictionary(): DenseMatrix;
  readonly gap: number;
}

/** The method under test: the library's, or a crippled one that the verdicts must catch. */
export type Method = (options: OnlineOrthogonalOptions) => Learner;

const claim = (id: string) => record.claims.find((c) => c.id === id)!;
const N = 20;
const share: Parameter = {
  name: 'share',
  title: 'Share of codes that are not zero',
  default: { quick: 0.2, full: 0.2 },
  min: 0.02,
  max: 0.6,
};
const floor: Parameter = {
  name: 'floor',
  title: 'Floor under both step sizes',
  default: { quick: 0.05, full: 0.05 },
  min: 0,
  max: 1,
};

const streamSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + draw;
const learnerSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + 500 + draw;

/** Steps at which errors are shown: some six a decade. */
const shown = (last: number): Set<number> => {
  const out = new Set<number>([last]);
  for (let x = 10; x < last; x *= 1.45) out.add(Math.round(x));
  for (const t of [1000, 3000]) if (t < last) out.add(t);
  return out;
};

const errorOf = (learner: { dictionary(): DenseMatrix }, truth: DenseMatrix): number => {
  const D = learner.dictionary();
  const error = recoveryError(D, truth);
  D.free();
  return error;
};

/** |DᵀD*| as an image: one white place in each row and column where the atoms are found. */
function matchPicture(learner: { dictionary(): DenseMatrix }, truth: DenseMatrix, title: string): ExperimentEvent {
  const D = learner.dictionary();
  const M = DenseMatrix.create(D.cols, truth.cols, { fill: false });
  matrixProduct(D, truth, M, { transA: true });
  // Rows in the order of the true atoms that they match best.
  const best = (i: number) => {
    let at = 0;
    for (let j = 1; j < M.cols; j++) if (Math.abs(M.get(i, j)) > Math.abs(M.get(i, at))) at = j;
    return at;
  };
  const order = Array.from({ length: M.rows }, (_, i) => i).sort((a, b) => best(a) - best(b));
  const values = order.flatMap((i) => Array.from({ length: M.cols }, (_, j) => Math.abs(M.get(i, j))));
  D.free();
  M.free();
  return { kind: 'picture', title, picture: { type: 'image', width: truth.cols, height: truth.cols, values } };
}

/** One sample a step: errors, and the Frank–Wolfe gap. */
const recovery = (method: Method): Experiment => ({
  id: 'recovery',
  title: 'One pass, one sample a step',
  axes: { x: 'step', y: 'error of the dictionary, or Frank–Wolfe gap', logY: true, logX: true },
  parameters: [share],
  claims: [claim('recovery'), claim('gap-rate')],
  async *run(context) {
    const full = context.size === 'full';
    const draws = full ? 5 : 2;
    const last = full ? 10_000 : 3000;
    const gapEnd = full ? 5000 : 2000;
    const pause = pauses(context);
    const at: Record<number, number[]> = { 3000: [], 10000: [] };
    const gaps: { centres: number[]; means: number[] }[] = [];
    const rows: Cell[][] = [];
    for (let draw = 0; draw < draws; draw++) {
      const source = stream(N, parameterValue(share, context), streamSeed(context, draw));
      const learner = method({ dim: N, seed: learnerSeed(context, draw) });
      const windows = new Windows(50, 1.35);
      const points = shown(last);
      let seconds = 0;
      for (let t = 1; t <= last; t++) {
        const Y = source.next(1);
        const start = performance.now();
        learner.update(Y);
        seconds += (performance.now() - start) / 1000;
        Y.free();
        if (Number.isFinite(learner.gap)) windows.add(t, learner.gap);
        if (points.has(t)) {
          const error = errorOf(learner, source.truth);
          if (at[t]) at[t].push(error);
          rows.push([draw + 1, t, error, learner.gap]);
          const work = { seconds: [seconds] };
          yield { kind: 'points', panel: 'error', series: `stream ${draw + 1}`, x: [t], y: [error], work };
          yield { kind: 'progress', label: `stream ${draw + 1}`, fraction: (draw + t / last) / draws };
          if (draw === 0) yield matchPicture(learner, source.truth, 'Cosines between learned and true atoms');
        }
        await pause();
      }
      const kept = windows.centres.filter((t) => t <= gapEnd).length;
      const means = windows.means.slice(0, kept);
      gaps.push({ centres: windows.centres.slice(0, kept), means });
      yield { kind: 'points', panel: 'gap', series: `stream ${draw + 1}`, x: windows.centres, y: windows.means };
    }
    yield { kind: 'table', title: `${N} atoms`, columns: ['stream', 'step', 'error', 'gap'], rows };
    const worst = (t: number) => Math.max(...at[t]);
    yield verdict(claim('recovery'), context, [
      atMost('error after 3000 samples, worst stream', worst(3000), 0.01),
      ...(full ? [atMost('error after 10,000 samples, worst stream', worst(10_000), 0.004)] : []),
    ]);
    const x = gaps.flatMap((g) => g.centres);
    const y = gaps.flatMap((g) => g.means.map((v) => Math.max(v, Number.MIN_VALUE)));
    yield verdict(claim('gap-rate'), context, [
      atMost(`log–log slope of the gap, steps 50 to ${gapEnd}`, logSlope(x, y), full ? -0.3 : -0.25),
    ]);
  },
});

/** Mini-batches, against methods that keep 5000 samples and against the online lasso. */
const stored = (method: Method): Experiment => ({
  id: 'stored',
  title: 'Mini-batches of 20, and methods that store the stream',
  axes: { x: 'samples', y: 'error of the dictionary', logY: true, logX: true },
  parameters: [share],
  claims: [claim('beats-stored')],
  async *run(context) {
    const full = context.size === 'full';
    const steps = full ? 3000 : 1000;
    const B = 20;
    const pause = pauses(context);
    const theta = parameterValue(share, context);
    const rows: Cell[][] = [];
    const reached: Record<string, number | undefined> = {};
    const TARGET = 0.02;
    async function* online(
      name: string,
      learner: Pick<Learner, 'update' | 'dictionary'>,
      source: Stream,
      from: number,
    ): AsyncGenerator<ExperimentEvent, number> {
      const points = shown(steps);
      let seconds = 0;
      let error = 1;
      for (let t = 1; t <= steps; t++) {
        const Y = source.next(B);
        const start = performance.now();
        learner.update(Y);
        seconds += (performance.now() - start) / 1000;
        Y.free();
        if (points.has(t)) {
          error = errorOf(learner, source.truth);
          if (error <= TARGET) reached[name] ??= seconds;
          yield { kind: 'points', panel: 'error', series: name, x: [t * B], y: [error], work: { seconds: [seconds] } };
          yield { kind: 'progress', label: name, fraction: from + (0.25 * t) / steps };
        }
        await pause();
      }
      rows.push([name, steps * B, 2 * N * N, error, seconds, reached[name] ?? null]);
      return error;
    }
    const source = () => stream(N, theta, streamSeed(context, 100));
    const seed = learnerSeed(context, 100);
    const mine = source();
    const learner = method({ dim: N, seed });
    const error = yield* online('Frank–Wolfe, p = 3', learner, mine, 0);
    yield matchPicture(learner, mine.truth, 'Cosines between learned and true atoms');
    yield* online('Frank–Wolfe, p = 4', method({ dim: N, power: 4, seed }), source(), 0.25);
    const kept = source();
    const samples = kept.next(5000);
    let msp = Number.POSITIVE_INFINITY;
    for (const [name, options] of [
      ['matching, stretching, projection, p = 3', { power: 3 }],
      ['matching, stretching, projection, p = 4', { power: 4 }],
      ['hard threshold and Procrustes', { method: 'procrustes' }],
    ] as const) {
      const start = performance.now();
      let [end, sweeps] = [1, 0];
      for (const it of orthogonalDictionaryIterates(samples, { ...options, seed })) {
        const point = it.snapshot();
        end = errorOf(point, kept.truth);
        sweeps = it.iteration;
        await pause();
        if (it.certificate!.relative <= 1e-10 || it.iteration >= 200) break;
      }
      const seconds = (performance.now() - start) / 1000;
      if (name.endsWith('p = 3')) msp = end;
      rows.push([`${name}, ${sweeps} sweeps`, 5000, 5000 * N, end, seconds, null]);
      yield { kind: 'points', panel: 'error', series: name, x: [5000], y: [end], work: { seconds: [seconds] } };
    }
    samples.free();
    // The online lasso at the strength of a grid that serves it best after a tenth of the stream.
    let alpha = 0.1;
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of [0.05, 0.1, 0.2, 0.4, 0.8]) {
      const trial = source();
      const lasso = orthogonalised({ atoms: N, alpha: candidate, seed });
      for (let t = 0; t < steps / 10; t++) {
        const Y = trial.next(B);
        lasso.update(Y);
        Y.free();
        await pause();
      }
      const found = errorOf(lasso, trial.truth);
      if (found < least) [alpha, least] = [candidate, found];
    }
    yield* online(`online lasso, α = ${alpha}`, orthogonalised({ atoms: N, alpha, seed }), source(), 0.75);
    const columns = ['method', 'samples', 'numbers kept', 'error', 'seconds', `seconds to ${TARGET}`];
    yield { kind: 'table', title: `${N} atoms`, columns, rows };
    yield verdict(claim('beats-stored'), context, [
      atMost(`error after ${steps} mini-batches`, error, full ? 5e-4 : 2e-3),
      ...(full ? [atMost('error over that of MSP on 5000 samples', error / msp, 1)] : []),
    ]);
    yield* sensors(method, context, pause);
  },
});

/** The online lasso with its atoms made orthogonal when asked for, as errors suppose. */
function orthogonalised(options: ConstructorParameters<typeof OnlineDictionary>[0]) {
  const inner = new OnlineDictionary(options);
  return {
    update: (batch: MatrixLike) => inner.update(batch),
    dictionary() {
      const { atoms } = inner.snapshot();
      const D = DenseMatrix.fromColumnMajor(polarFactor(atoms.data.slice(), atoms.rows), atoms.rows, atoms.cols);
      atoms.free();
      return D;
    },
  };
}

/** A signal of drifting waves and jumps, whitened: what a fifth of the coefficients keep of windows not seen before. */
async function* sensors(
  method: Method,
  context: ExperimentContext,
  pause: () => Promise<void>,
): AsyncGenerator<ExperimentEvent> {
  const n = 32;
  const count = context.size === 'full' ? 6000 : 2000;
  const raw = sensorWindows(n, count, streamSeed(context, 300));
  const half = count / 2;
  const part = (from: number) => {
    const out = DenseMatrix.create(half, n, { fill: false });
    for (let j = 0; j < n; j++) out.column(j).set(raw.column(j).subarray(from, from + half));
    return out;
  };
  const [train, test] = [part(0), part(half)];
  const { forward } = whitener(train);
  const white = (Y: DenseMatrix) => {
    const out = DenseMatrix.create(half, n, { fill: false });
    matrixProduct(Y, forward, out);
    return out;
  };
  const [Y, T] = [white(train), white(test)];
  const learner = method({ dim: n, seed: learnerSeed(context, 300) });
  for (let at = 0; at + 10 <= half; at += 10) {
    const batch = DenseMatrix.create(10, n, { fill: false });
    for (let j = 0; j < n; j++) batch.column(j).set(Y.column(j).subarray(at, at + 10));
    learner.update(batch);
    batch.free();
    await pause();
  }
  let msp: OrthogonalDictionary | undefined;
  for (const it of orthogonalDictionaryIterates(Y, { seed: learnerSeed(context, 300) })) {
    msp = it.snapshot();
    await pause();
    if (it.certificate!.relative <= 1e-8 || it.iteration >= 100) break;
  }
  const ratio = (D: DenseMatrix): number => {
    const basis = new OrthogonalDictionary(n, D.data.slice());
    const codes = basis.encode(T, { sparsity: Math.round(n / 5) });
    const back = basis.decode(codes);
    let [signal, noise] = [0, 0];
    for (let k = 0; k < T.data.length; k++) {
      signal += T.data[k] ** 2;
      noise += (T.data[k] - back.data[k]) ** 2;
    }
    for (const matrix of [codes, back, D]) matrix.free();
    return (10 * elementary.log(signal / noise)) / elementary.log(10);
  };
  const rows: Cell[][] = [
    ['Frank–Wolfe, one pass', ratio(learner.dictionary())],
    ['matching, stretching, projection', ratio(msp!.dictionary())],
    ['cosines', ratio(cosineBasis(n))],
    ['none (coordinates)', ratio(identity(n))],
  ];
  yield {
    kind: 'table',
    title: 'Sensor-like signal: windows of 32, whitened, a fifth of the coefficients',
    columns: ['basis', 'signal to noise, dB'],
    rows,
  };
  for (const matrix of [raw, train, test, forward, Y, T]) matrix.free();
}

function identity(n: number): DenseMatrix {
  const I = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) I.set(i, i, 1);
  return I;
}

/** Whitens by the second moments of the given windows. */
function whitener(Y: DenseMatrix): { forward: DenseMatrix } {
  const learner = new OnlineOrthogonalDictionary({ dim: Y.cols, init: 'identity', whiten: true });
  learner.update(Y);
  const { whitening } = learner.snapshot();
  return { forward: DenseMatrix.fromColumnMajor(whitening!.forward, Y.cols, Y.cols) };
}

/** A dictionary that turns while it is learned. */
const drift = (method: Method): Experiment => ({
  id: 'drift',
  title: 'A rotation that drifts',
  axes: { x: 'mini-batches of 20', y: 'error of the dictionary', logY: true },
  parameters: [share, floor],
  claims: [claim('drift')],
  async *run(context) {
    const full = context.size === 'full';
    const steps = full ? 6000 : 2000;
    /** From here on the start is forgotten. */
    const settled = 500;
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const end: Record<string, number> = {};
    let worst = 0;
    for (const [run, forgetting] of [parameterValue(floor, context), 0].entries()) {
      const name = forgetting > 0 ? `floor ${forgetting}` : 'diminishing';
      const source = stream(N, parameterValue(share, context), streamSeed(context, 200));
      const learner = method({ dim: N, forgetting, seed: learnerSeed(context, 200) });
      const errors: number[] = [];
      let seconds = 0;
      for (let t = 1; t <= steps; t++) {
        const Y = source.next(20);
        const start = performance.now();
        learner.update(Y);
        seconds += (performance.now() - start) / 1000;
        Y.free();
        // Just before each turn, and between two.
        if (t % 50 === 0) {
          const error = errorOf(learner, source.truth);
          errors.push(error);
          if (run === 0 && t >= settled) worst = Math.max(worst, error);
          yield { kind: 'points', panel: 'error', series: name, x: [t], y: [error], work: { seconds: [seconds] } };
          yield { kind: 'progress', label: name, fraction: (run + t / steps) / 2 };
          if (t % 500 === 0) rows.push([name, t, error]);
          if (run === 0 && t % 500 === 0) yield matchPicture(learner, source.truth, 'Cosines while it turns');
        }
        if (t % 100 === 0) source.turn(0.1);
        await pause();
      }
      // Noise of single steps aside: the mean over the last 500.
      end[run] = errors.slice(-10).reduce((a, b) => a + b, 0) / 10;
    }
    yield { kind: 'table', title: 'Turned by 0.1 every 100 steps', columns: ['steps', 'step', 'error'], rows };
    yield verdict(claim('drift'), context, [
      atMost(`largest error with a floor, steps ${settled} to ${steps}`, worst, full ? 0.015 : 0.02),
      ...(full
        ? [
            {
              quantity: `error without a floor over that with one, steps ${steps - 450} to ${steps}`,
              value: end[1] / end[0],
              bar: '≥ 2.5',
              ok: end[1] / end[0] >= 2.5,
            },
          ]
        : []),
    ]);
  },
});

/** Every experiment with the given method in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] => [
  recovery(method),
  stored(method),
  drift(method),
];

export const experiments = experimentsWith((options) => new OnlineOrthogonalDictionary(options));
