import type { DenseMatrix } from 'southwell';
import { experiment } from '../../define.ts';
import {
  type Cell,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
} from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { plainNmf, simulatedDigits } from '../lab.ts';
import { accuracy, classify, libraryMethod, type Method, mean, split } from '../models.ts';
import { record } from '../record.ts';

const rank: Parameter = {
  name: 'rank',
  title: 'Atoms',
  default: { quick: 2, full: 2 },
  min: 1,
  max: 20,
  integer: true,
};

const steps: Parameter = {
  name: 'steps',
  title: 'Steps over all blocks (the authors take 50)',
  default: { quick: 50, full: 50 },
  min: 1,
  max: 5000,
  integer: true,
};
const safe: Parameter = {
  name: 'safe',
  title: "0: the steps of the authors' code; 1: steps that never raise the objective",
  default: { quick: 0, full: 0 },
  min: 0,
  max: 1,
  integer: true,
};

/** The study trains on 400 samples and tests on 100; a thousand tell shares that differ by two hundredths apart. */
const [TRAIN, TEST] = [400, 1000];

const [PIXELS, AFTER] = ['all pixels', 'factorise, then classify'];
const supervised = (xi: number) => `ξ = ${xi}`;

/** Scores and errors by method, one a draw, and the rows of the table. */
class Tally {
  readonly rows: Cell[][] = [];
  private readonly scores: Record<string, number[]> = {};
  private readonly errors: Record<string, number[]> = {};

  add(draw: number, name: string, score: number, error: number | null, seconds: number): void {
    (this.scores[name] ??= []).push(score);
    if (error !== null) (this.errors[name] ??= []).push(error);
    this.rows.push([draw + 1, name, score, error, seconds]);
  }

  score = (name: string): number => mean(this.scores[name]);
  error = (name: string): number => mean(this.errors[name]);
}

/** Simulated digits: accuracy against reconstruction. */
export default experiment(record, {
  id: 'digits',
  title: 'Patterns that rebuild and tell apart',
  axes: {
    x: 'weight ξ of the reconstruction',
    y: 'share of right labels, or reconstruction error',
    logY: false,
    logX: true,
  },
  parameters: [rank, steps, safe],
  claims: ['accuracy-and-reconstruction'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const draws = full ? 10 : 2;
    const weights = full ? [0.1, 1, 10, 50] : [0.1, 1];
    const pause = pauses(context);
    const tally = new Tally();
    for (let draw = 0; draw < draws; draw++) {
      const seed = 1000 * context.seed + draw;
      const study = split(await simulatedDigits(context.size, TRAIN + TEST, 0.5, seed), TRAIN);
      const one: Draw = { ...study, draw, draws, seed };
      yield* baselines(context, one, tally, pause);
      for (const [at, xi] of weights.entries()) {
        yield {
          kind: 'progress',
          label: `draw ${draw + 1}: ξ = ${xi}`,
          fraction: (draw + at / weights.length) / draws,
        };
        const seconds = yield* weighted(method, context, one, xi, tally);
        if (draw === draws - 1) yield* means(tally, xi, seconds);
        await pause();
      }
      study.free();
    }
    yield {
      kind: 'table',
      title: full ? '784 pixels, 400 samples' : '64 pixels, 400 samples',
      columns: ['draw', 'method', 'right labels', 'reconstruction error', 'seconds'],
      rows: tally.rows,
    };
    const { score, error } = tally;
    const lead = (xi: number) => score(supervised(xi)) - score(AFTER);
    const excess = (xi: number) => error(supervised(xi)) / error(AFTER);
    const loss = (xi: number) => (full ? score(PIXELS) - score(supervised(xi)) : undefined);
    yield decide('accuracy-and-reconstruction', {
      leadAtTenth: lead(0.1),
      excessAtTenth: excess(0.1),
      lossAtTenth: loss(0.1),
      leadAtOne: lead(1),
      excessAtOne: excess(1),
      lossAtOne: loss(1),
      rise: full ? score(supervised(50)) - score(supervised(0.1)) : undefined,
    });
  },
});

interface Draw extends ReturnType<typeof split> {
  readonly draw: number;
  readonly draws: number;
  readonly seed: number;
}

/** Logistic regression on all pixels, and on the codes of plain factorisation. */
async function* baselines(
  context: ExperimentContext,
  { draw, draws, seed, train, test }: Draw,
  tally: Tally,
  pause: Pause,
): AsyncGenerator<ExperimentEvent> {
  yield { kind: 'progress', label: `draw ${draw + 1}: regression`, fraction: draw / draws };
  await pause();
  let start = performance.now();
  const whole = classify(train.X, train.y, test.X);
  tally.add(draw, PIXELS, accuracy(test.y, whole.P, whole.threshold), null, (performance.now() - start) / 1000);
  await pause();
  start = performance.now();
  const nmf = plainNmf(train.X, parameterValue(rank, context), seed);
  const seconds = (performance.now() - start) / 1000;
  const [left, right] = [nmf.filter(train.X), nmf.filter(test.X)];
  const after = classify(left, train.y, right);
  tally.add(draw, AFTER, accuracy(test.y, after.P, after.threshold), nmf.error, seconds);
  if (draw === 0) yield atomsPicture(nmf.W, 'Atoms of factorisation alone');
  for (const M of [nmf.W, left, right]) M.free();
}

/** The method under test at a weight; gives its seconds. */
async function* weighted(
  method: Method,
  context: ExperimentContext,
  { draw, seed, train, test }: Draw,
  xi: number,
  tally: Tally,
): AsyncGenerator<ExperimentEvent, number> {
  const start = performance.now();
  const options = { rank: parameterValue(rank, context), xi, seed, tol: 0, maxIter: parameterValue(steps, context) };
  const fit = await method
    .estimator({ ...options, steps: parameterValue(safe, context) === 1 ? 'safe' : 'published' })
    .fitAsync(train.X, train.y, { signal: context.signal });
  context.signal?.throwIfAborted();
  const seconds = (performance.now() - start) / 1000;
  const P = fit.predictProba(test.X);
  tally.add(draw, supervised(xi), accuracy(test.y, P.column(1), fit.threshold), fit.reconstructionError, seconds);
  P.free();
  if (draw === 0) yield atomsPicture(fit.dictionary, `Atoms, ξ = ${xi}`);
  return seconds;
}

/** The curves over the weights: means of all draws. */
function* means({ score, error }: Tally, xi: number, seconds: number): Generator<ExperimentEvent> {
  const x = [xi];
  const work = { seconds: [seconds] };
  const right = { kind: 'points', panel: 'right labels', x } as const;
  yield { ...right, series: 'supervised', y: [score(supervised(xi))], work };
  for (const series of [PIXELS, AFTER]) yield { ...right, series, y: [score(series)] };
  const wrong = { kind: 'points', panel: 'reconstruction error', x } as const;
  yield { ...wrong, series: 'supervised', y: [error(supervised(xi))], work };
  yield { ...wrong, series: 'factorisation alone', y: [error(AFTER)] };
}

/** Atoms as grey pictures, one beside the other. */
function atomsPicture(W: DenseMatrix, title: string): ExperimentEvent {
  const side = Math.round(Math.sqrt(W.rows));
  const width = W.cols * (side + 1) - 1;
  const values = new Array<number>(width * side).fill(0);
  for (let k = 0; k < W.cols; k++) {
    const atom = W.column(k);
    const most = atom.reduce((a, b) => Math.max(a, b), 1e-300);
    for (let i = 0; i < side * side; i++) {
      values[Math.floor(i / side) * width + k * (side + 1) + (i % side)] = atom[i] / most;
    }
  }
  return { kind: 'picture', title, picture: { type: 'image', width, height: side, values } };
}
