import { polarFactor } from '@southwell/numerics/linalg';
import { DenseMatrix, type MatrixLike, Random } from 'southwell';
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
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { msp, polar, recoveryError } from '../rival.ts';

const { claims, grids } = locked;
// The same at both sizes.
const { batch: BATCH, steps: STEPS, stored: STORED } = claims['beats-stored'].sizes.quick;
const { trialSteps: TRIAL, procrustesSweeps: SWEEPS } = claims['beats-others'].sizes.quick;
/** The stream on which the lasso's strength is chosen. */
const TUNING = 99;
/** Times are measured to this error. */
const TARGET = 0.02;

/** One stream: the same samples and the same initial point for every method. */
interface Bench {
  readonly draw: number;
  readonly seed: number;
  readonly pause: Pause;
  /** The rows of the table. */
  readonly rows: Cell[][];
  source(): Stream;
}

/** Mini-batches, compared with methods that store 5000 samples and with the online lasso. */
export default experiment(record, {
  id: 'stored',
  title: 'Mini-batches of 20, and methods that store the stream',
  panels: [
    {
      title: 'error',
      x: { label: 'samples', log: true },
      y: { label: 'error of the dictionary', log: true },
      series: [
        'Frank–Wolfe, p = 3',
        'Frank–Wolfe, p = 4',
        'matching, stretching, projection, p = 3',
        'matching, stretching, projection, p = 4',
        'hard threshold and Procrustes',
        'online lasso, α = {strength}',
      ],
      control: 'matching, stretching, projection, p = 3',
    },
  ],
  parameters: [share],
  claims: ['beats-stored', 'beats-others'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const looks = claims['beats-stored'].draws[context.size];
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const [errors, overs, powers]: number[][] = [[], [], []];
    const values = () => ({ error: { draws: errors }, overStored: { draws: overs }, overFourth: { draws: powers } });
    const bench = (draw: number) => benchOf(context, draw, rows, pause);
    let draw = 0;
    do {
      yield { kind: 'progress', label: `stream ${draw + 1}`, fraction: draw / looks[looks.length - 1] };
      const here = bench(draw);
      const { seed, source } = here;
      const mine = source();
      const learner = method({ dim: N, seed });
      const error = yield* online(here, 'Frank–Wolfe, p = 3', learner, mine);
      if (draw === 0) yield matchPicture(learner, mine.truth, 'Cosines between learned and true atoms');
      const fourth = yield* online(here, 'Frank–Wolfe, p = 4', method({ dim: N, power: 4, seed }), source());
      const kept = yield* matching(here, 3);
      errors.push(error);
      overs.push(error / kept);
      powers.push(error / fourth);
      draw++;
    } while (!decide.enough('beats-stored', draw, values));
    yield decide('beats-stored', values());
    const first = bench(0);
    yield* matching(first, 4);
    const others: Record<'procrustes' | 'lasso', number[]> = { procrustes: [], lasso: [] };
    const beside = () => ({ overProcrustes: { draws: others.procrustes }, overLasso: { draws: others.lasso } });
    const alpha = await bestStrength(bench(TUNING));
    for (let draw = 0; !decide.enough('beats-others', draw, beside); draw++) {
      yield { kind: 'progress', label: `stream ${draw + 1}, others`, fraction: draw / looks[looks.length - 1] };
      const here = bench(draw);
      errors[draw] ??= yield* online(here, 'Frank–Wolfe, p = 3', method({ dim: N, seed: here.seed }), here.source());
      others.procrustes.push(errors[draw] / (yield* procrustes(here)));
      const lasso = orthogonalised({ atoms: N, alpha, seed: here.seed });
      others.lasso.push(errors[draw] / (yield* online(here, `online lasso, α = ${alpha}`, lasso, here.source())));
    }
    yield decide('beats-others', beside());
    const columns = ['stream', 'method', 'samples', 'numbers kept', 'error', 'seconds', `seconds to ${TARGET}`];
    yield { kind: 'table', title: `${N} atoms`, columns, rows };
  },
});

function benchOf(context: ExperimentContext, draw: number, rows: Cell[][], pause: Pause): Bench {
  const theta = parameterValue(share, context);
  const seed = learnerSeed(context, 100 + draw);
  return { draw, seed, pause, rows, source: () => stream(N, theta, streamSeed(context, 100 + draw)) };
}

/** Runs a learner over the stream; returns its final error. */
async function* online(
  { draw, pause, rows }: Bench,
  name: string,
  learner: Pick<Learner, 'update' | 'dictionary'>,
  source: Stream,
): AsyncGenerator<ExperimentEvent, number> {
  const points = shown(STEPS);
  let seconds = 0;
  let error = 1;
  let reached: number | undefined;
  for (let t = 1; t <= STEPS; t++) {
    const Y = source.next(BATCH);
    const start = performance.now();
    learner.update(Y);
    seconds += (performance.now() - start) / 1000;
    Y.free();
    if (points.has(t)) {
      error = errorOf(learner, source.truth);
      if (error <= TARGET) reached ??= seconds;
      const work = { seconds: [seconds] };
      if (draw === 0) yield { kind: 'points', panel: 'error', series: name, x: [t * BATCH], y: [error], work };
    }
    await pause();
  }
  rows.push([draw + 1, name, STEPS * BATCH, 2 * N * N, error, seconds, reached ?? null]);
  return error;
}

/** Matching, stretching and projection on the first samples of the stream, which are stored; returns its error. */
function* matching({ draw, source, seed, rows }: Bench, power: 3 | 4): Generator<ExperimentEvent, number> {
  const kept = source();
  const samples = kept.next(STORED);
  const random = new Random(seed);
  const from = polar(
    Float64Array.from({ length: N * N }, () => random.normal()),
    N,
  );
  const start = performance.now();
  const end = msp(samples, from, power);
  const seconds = (performance.now() - start) / 1000;
  samples.free();
  const error = recoveryError(end.D, kept.truth.data, N);
  const name = `matching, stretching, projection, p = ${power}`;
  rows.push([draw + 1, `${name}, ${end.sweeps} sweeps`, STORED, STORED * N, error, seconds, null]);
  if (draw === 0)
    yield { kind: 'points', panel: 'error', series: name, x: [STORED], y: [error], work: { seconds: [seconds] } };
  return error;
}

/** Alternates between hard thresholding and the Procrustes problem, on the same samples. */
async function* procrustes({ draw, source, seed, pause, rows }: Bench): AsyncGenerator<ExperimentEvent, number> {
  const kept = source();
  const samples = kept.next(STORED);
  const name = 'hard threshold and Procrustes';
  const start = performance.now();
  let [error, sweeps] = [1, 0];
  for (const it of orthogonalDictionaryIterates(samples, { method: 'procrustes', seed })) {
    error = errorOf(it.snapshot()!, kept.truth);
    sweeps = it.iteration;
    await pause();
    if (it.certificate!.relative <= 1e-10 || it.iteration >= SWEEPS) break;
  }
  const seconds = (performance.now() - start) / 1000;
  samples.free();
  rows.push([draw + 1, `${name}, ${sweeps} sweeps`, STORED, STORED * N, error, seconds, null]);
  if (draw === 0)
    yield { kind: 'points', panel: 'error', series: name, x: [STORED], y: [error], work: { seconds: [seconds] } };
  return error;
}

/** The strength from a grid that is best for the online lasso at the beginning of a stream that does not judge. */
async function bestStrength({ source, seed, pause }: Bench): Promise<number> {
  let alpha: number = grids.lasso.alpha[0];
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of grids.lasso.alpha) {
    const trial = source();
    const lasso = orthogonalised({ atoms: N, alpha: candidate, seed });
    for (let t = 0; t < TRIAL; t++) {
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

/** The online lasso with its atoms orthogonalised on request, as the errors assume. */
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
