import { polarFactor } from '@southwell/numerics/linalg';
import { DenseMatrix, type MatrixLike } from 'southwell';
import { OnlineDictionary, orthogonalDictionaryIterates } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import { type Cell, type ExperimentContext, type ExperimentEvent, parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { type Stream, stream } from '../lab.ts';
import {
  errorOf,
  type Learner,
  learnerSeed,
  libraryMethod,
  matchPicture,
  N,
  share,
  shown,
  streamSeed,
} from '../learner.ts';
import { record } from '../record.ts';
import { sensors } from '../sensors.ts';

const BATCH = 20;
/** Seconds are told to this error. */
const TARGET = 0.02;

/** One run of the experiment: the same stream and the same start for every method. */
interface Bench {
  readonly steps: number;
  readonly seed: number;
  readonly pause: Pause;
  /** The rows of the table. */
  readonly rows: Cell[][];
  source(): Stream;
}

/** Mini-batches, against methods that keep 5000 samples and against the online lasso. */
export default experiment(record, {
  id: 'stored',
  title: 'Mini-batches of 20, and methods that store the stream',
  axes: { x: 'samples', y: 'error of the dictionary', logY: true, logX: true },
  parameters: [share],
  claims: ['beats-stored'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const bench = benchOf(context);
    const { steps, seed, rows, source } = bench;
    const mine = source();
    const learner = method({ dim: N, seed });
    const error = yield* online(bench, 'Frank–Wolfe, p = 3', learner, mine, 0);
    yield matchPicture(learner, mine.truth, 'Cosines between learned and true atoms');
    yield* online(bench, 'Frank–Wolfe, p = 4', method({ dim: N, power: 4, seed }), source(), 0.25);
    const msp = yield* whole(bench);
    const alpha = await bestStrength(bench);
    yield* online(bench, `online lasso, α = ${alpha}`, orthogonalised({ atoms: N, alpha, seed }), source(), 0.75);
    const columns = ['method', 'samples', 'numbers kept', 'error', 'seconds', `seconds to ${TARGET}`];
    yield { kind: 'table', title: `${N} atoms`, columns, rows };
    yield decide('beats-stored', {
      error: { label: steps, value: error },
      overStored: full ? error / msp : undefined,
    });
    yield* sensors(method, context, bench.pause);
  },
});

function benchOf(context: ExperimentContext): Bench {
  const theta = parameterValue(share, context);
  return {
    steps: context.size === 'full' ? 3000 : 1000,
    seed: learnerSeed(context, 100),
    pause: pauses(context),
    rows: [],
    source: () => stream(N, theta, streamSeed(context, 100)),
  };
}

/** A learner over the stream; gives its error at the end. */
async function* online(
  { steps, pause, rows }: Bench,
  name: string,
  learner: Pick<Learner, 'update' | 'dictionary'>,
  source: Stream,
  from: number,
): AsyncGenerator<ExperimentEvent, number> {
  const points = shown(steps);
  let seconds = 0;
  let error = 1;
  let reached: number | undefined;
  for (let t = 1; t <= steps; t++) {
    const Y = source.next(BATCH);
    const start = performance.now();
    learner.update(Y);
    seconds += (performance.now() - start) / 1000;
    Y.free();
    if (points.has(t)) {
      error = errorOf(learner, source.truth);
      if (error <= TARGET) reached ??= seconds;
      yield { kind: 'points', panel: 'error', series: name, x: [t * BATCH], y: [error], work: { seconds: [seconds] } };
      yield { kind: 'progress', label: name, fraction: from + (0.25 * t) / steps };
    }
    await pause();
  }
  rows.push([name, steps * BATCH, 2 * N * N, error, seconds, reached ?? null]);
  return error;
}

/** Methods that keep 5000 samples; gives the error of matching, stretching and projection with p = 3. */
async function* whole({ source, seed, pause, rows }: Bench): AsyncGenerator<ExperimentEvent, number> {
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
  return msp;
}

/** The strength of a grid that serves the online lasso best after a tenth of the stream. */
async function bestStrength({ source, steps, seed, pause }: Bench): Promise<number> {
  let alpha = 0.1;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of [0.05, 0.1, 0.2, 0.4, 0.8]) {
    const trial = source();
    const lasso = orthogonalised({ atoms: N, alpha: candidate, seed });
    for (let t = 0; t < steps / 10; t++) {
      const Y = trial.next(BATCH);
      lasso.update(Y);
      Y.free();
      await pause();
    }
    const found = errorOf(lasso, trial.truth);
    if (found < least) [alpha, least] = [candidate, found];
  }
  return alpha;
}

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
