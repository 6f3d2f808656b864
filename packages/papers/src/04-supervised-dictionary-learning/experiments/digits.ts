import { experiment } from '../../define.ts';
import {
  type Cell,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
} from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { digitImages, simulatedDigits } from '../lab.ts';
import { locked } from '../locked.ts';
import { libraryMethod, type Method, mean, split } from '../models.ts';
import { record } from '../record.ts';
import { accuracy, classify, filtered, nmf, rebuildingError, tableOf } from '../rival.ts';

const { sizes, draws } = locked.claims['accuracy-and-reconstruction'];
const { quick, full } = sizes;
const rank: Parameter = {
  name: 'rank',
  title: 'Atoms',
  default: { quick: quick.rank, full: full.rank },
  min: 1,
  max: 20,
  integer: true,
};

const steps: Parameter = {
  name: 'steps',
  title: 'Steps over all blocks (the authors take 50)',
  default: { quick: quick.steps, full: full.steps },
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

/** The study trains on 400 samples and tests on 100; more test samples make each draw more informative. */
const { train: TRAIN, test: TEST } = quick;

const [PIXELS, AFTER] = ['all pixels', 'factorise, then classify'];
const supervised = (xi: number) => `ξ = ${xi}`;

/** Scores and errors by method, one per draw, and the rows of the table. */
class Tally {
  readonly rows: Cell[][] = [];
  private readonly scores: Record<string, number[]> = {};
  private readonly errors: Record<string, number[]> = {};

  add(draw: number, name: string, score: number, error: number | null, seconds: number): void {
    (this.scores[name] ??= []).push(score);
    if (error !== null) (this.errors[name] ??= []).push(error);
    this.rows.push([draw + 1, name, score, error, seconds]);
  }

  /** Scores of one method paired with those of another on the same draws. */
  beside = (name: string, other: string) => ({
    draws: this.scores[name].map((value, k) => ({ value, reference: this.scores[other][k] })),
  });
  /** As {@link beside}, where a score counts only if the error is at most 1.1 times the other. */
  rebuilding = (name: string, other: string) => ({
    draws: this.scores[name].map((value, k) => ({
      value: this.errors[name][k] <= 1.1 * this.errors[other][k] ? value : 0,
      reference: this.scores[other][k],
    })),
  });
  /** Ratios of the errors of one method to those of another. */
  over = (name: string, other: string) => ({
    draws: this.errors[name].map((value, k) => value / this.errors[other][k]),
  });
  score = (name: string): number => mean(this.scores[name]);
  error = (name: string): number => mean(this.errors[name]);
}

/** Simulated digits: accuracy against reconstruction. */
export default experiment(record, {
  id: 'digits',
  title: 'Patterns that rebuild and tell apart',
  panels: [
    {
      title: 'right labels',
      x: { label: 'weight ξ of the reconstruction', log: true },
      y: { label: 'share of right labels' },
      series: ['supervised', PIXELS, AFTER],
      control: AFTER,
    },
    {
      title: 'reconstruction error',
      x: { label: 'weight ξ of the reconstruction', log: true },
      y: { label: 'reconstruction error' },
      series: ['supervised', 'factorisation alone'],
      control: 'factorisation alone',
    },
  ],
  parameters: [rank, steps, safe],
  claims: ['accuracy-and-reconstruction'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const looks = draws[context.size];
    const { weights } = sizes[context.size];
    const pause = pauses(context);
    const tally = new Tally();
    const { beside, rebuilding, over } = tally;
    const values = () => ({
      leadAtTenth: rebuilding(supervised(0.1), AFTER),
      excessAtTenth: over(supervised(0.1), AFTER),
      lossAtTenth: full ? beside(supervised(0.1), PIXELS) : undefined,
      leadAtOne: full ? rebuilding(supervised(1), AFTER) : undefined,
      excessAtOne: full ? over(supervised(1), AFTER) : undefined,
      lossAtOne: full ? beside(supervised(1), PIXELS) : undefined,
      rise: full ? beside(supervised(50), supervised(0.1)) : undefined,
    });
    const seconds = new Map<number, number>();
    const images = await digitImages();
    let draw = 0;
    do {
      await pause();
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / looks[looks.length - 1] };
      const seed = 1000 * context.seed + draw;
      const study = split(simulatedDigits(images, TRAIN + TEST, 0.5, seed), TRAIN);
      const one: Draw = { ...study, draw, seed };
      yield* baselines(context, one, tally, pause);
      for (const xi of weights) {
        seconds.set(xi, yield* weighted(method, context, one, xi, tally));
        await pause();
      }
      study.free();
      draw++;
    } while (!decide.enough('accuracy-and-reconstruction', draw, values));
    for (const xi of weights) yield* means(tally, xi, seconds.get(xi)!, full);
    yield {
      kind: 'table',
      title: '784 pixels, 400 samples',
      columns: ['draw', 'method', 'right labels', 'reconstruction error', 'seconds'],
      rows: tally.rows,
    };
    yield decide('accuracy-and-reconstruction', values());
  },
});

interface Draw extends ReturnType<typeof split> {
  readonly draw: number;
  readonly seed: number;
}

/** Logistic regression on the features of plain factorisation, and at full size on all pixels. */
async function* baselines(
  context: ExperimentContext,
  { draw, seed, train, test }: Draw,
  tally: Tally,
  pause: Pause,
): AsyncGenerator<ExperimentEvent> {
  const [left, right] = [tableOf(train.X), tableOf(test.X)];
  let start = performance.now();
  if (context.size === 'full') {
    const whole = classify(left, train.y, right);
    tally.add(draw, PIXELS, accuracy(test.y, whole.P, whole.threshold), null, (performance.now() - start) / 1000);
    await pause();
  }
  const r = parameterValue(rank, context);
  start = performance.now();
  const plain = nmf(left, r, seed);
  const seconds = (performance.now() - start) / 1000;
  const after = classify(filtered(left, plain.W, r), train.y, filtered(right, plain.W, r));
  tally.add(draw, AFTER, accuracy(test.y, after.P, after.threshold), plain.error, seconds);
  if (draw === 0) {
    const atoms = Array.from({ length: r }, (_, k) => plain.W.filter((__, at) => at % r === k));
    yield atomsPicture(atoms, 'Atoms of factorisation alone');
  }
}

/** The method under test with one weight; returns its seconds. */
async function* weighted(
  method: Method,
  context: ExperimentContext,
  { draw, seed, train, test }: Draw,
  xi: number,
  tally: Tally,
): AsyncGenerator<ExperimentEvent, number> {
  const start = performance.now();
  const r = parameterValue(rank, context);
  const options = { rank: r, xi, seed, tol: 0, maxIter: parameterValue(steps, context) };
  const fit = await method
    .estimator({ ...options, steps: parameterValue(safe, context) === 1 ? 'safe' : 'published' })
    .fitAsync(train.X, train.y, { signal: context.signal });
  context.signal?.throwIfAborted();
  const seconds = (performance.now() - start) / 1000;
  const P = fit.predictProba(test.X);
  const error = rebuildingError(tableOf(train.X), tableOf(fit.dictionary).data, tableOf(fit.codes).data, r);
  tally.add(draw, supervised(xi), accuracy(test.y, P.column(1), fit.threshold), error, seconds);
  P.free();
  if (draw === 0) {
    const atoms = Array.from({ length: r }, (_, k) => fit.dictionary.column(k));
    yield atomsPicture(atoms, `Atoms, ξ = ${xi}`);
  }
  return seconds;
}

/** The curves over the weights: means over all draws. */
function* means({ score, error }: Tally, xi: number, seconds: number, full: boolean): Generator<ExperimentEvent> {
  const x = [xi];
  const work = { seconds: [seconds] };
  const right = { kind: 'points', panel: 'right labels', x } as const;
  yield { ...right, series: 'supervised', y: [score(supervised(xi))], work };
  for (const series of full ? [PIXELS, AFTER] : [AFTER]) yield { ...right, series, y: [score(series)] };
  const wrong = { kind: 'points', panel: 'reconstruction error', x } as const;
  yield { ...wrong, series: 'supervised', y: [error(supervised(xi))], work };
  yield { ...wrong, series: 'factorisation alone', y: [error(AFTER)] };
}

/** Atoms as grey-scale images, side by side. */
function atomsPicture(atoms: readonly Float64Array[], title: string): ExperimentEvent {
  const side = Math.round(Math.sqrt(atoms[0].length));
  const width = atoms.length * (side + 1) - 1;
  const values = new Array<number>(width * side).fill(0);
  atoms.forEach((atom, k) => {
    const most = atom.reduce((a, b) => Math.max(a, b), 1e-300);
    for (let i = 0; i < side * side; i++) {
      values[Math.floor(i / side) * width + k * (side + 1) + (i % side)] = atom[i] / most;
    }
  });
  return { kind: 'picture', title, picture: { type: 'image', width, height: side, values } };
}
