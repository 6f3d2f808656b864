import { DenseMatrix, Random } from 'southwell';
import { ccaExactIterates, orderVariates, takeViews } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import {
  type Cell,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
} from '../../experiment.ts';
import { loadMnist } from '../../images.ts';
import { type Pause, pauses, pointOf } from '../../pauses.ts';
import { captured, libraryMethod, type Method, planted } from '../lab.ts';
import { record } from '../record.ts';
import { gammaEigenGame, sgha } from '../rivals.ts';

const K = 5;
const RHO = [0.9, 0.85, 0.8, 0.75, 0.7];

const starts: Parameter = {
  name: 'starts',
  title: 'Starts',
  default: { quick: 1, full: 3 },
  min: 1,
  max: 10,
  integer: true,
};

interface Set {
  readonly name: string;
  readonly views: readonly DenseMatrix[];
  readonly exact: number;
  /** Passes of the set that stand for one of the paper's. */
  readonly pass: number;
  /** Where each column of a view lies in the image. */
  readonly pixels?: ReadonlyArray<Int32Array>;
  /** What the first start of the method ended with, for the pictures. */
  weights?: readonly Float64Array[];
}

/** Halves of the digits of MNIST, pixels with a standard deviation above 8 of 255, standardised. */
async function halves(pause: Pause): Promise<Omit<Set, 'exact'>> {
  const { X } = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const top = X.data.reduce((m, v) => Math.max(m, v), 0);
  const pixels: number[][] = [[], []];
  for (let p = 0; p < 784; p++) {
    await pause();
    const column = X.column(p);
    const mean = column.reduce((s, v) => s + v / X.rows, 0);
    const deviation = Math.sqrt(column.reduce((s, v) => s + (v - mean) ** 2 / X.rows, 0));
    if (deviation <= (8 / 255) * top) continue;
    for (let i = 0; i < X.rows; i++) column[i] = (column[i] - mean) / deviation;
    pixels[p % 28 < 14 ? 0 : 1].push(p);
  }
  const views = pixels.map((list) => {
    const V = DenseMatrix.create(X.rows, list.length, { fill: false });
    list.forEach((p, j) => {
      V.column(j).set(X.column(p));
    });
    return V;
  });
  X.free();
  return { name: 'Split digits', views, pass: 3, pixels: pixels.map((p) => Int32Array.from(p)) };
}

/** Planted correlations, and at full size halves of digits, with what exact analysis finds in them. */
async function prepare(context: ExperimentContext, pause: Pause): Promise<Set[]> {
  const full = context.size === 'full';
  const n = full ? 20_000 : 4000;
  const dims = full ? [100, 80] : [60, 48];
  const views = await planted(n, dims, RHO, new Random(context.seed).split(0).integer(2 ** 32), pause);
  const plain: Array<Omit<Set, 'exact'>> = [{ name: 'Planted', views, pass: full ? 1 : 3 }];
  if (full) plain.push(await halves(pause));
  const sets: Set[] = [];
  for (const set of plain) {
    await pause();
    const { eigenvalues } = await pointOf(ccaExactIterates(set.views, { components: K }), pause);
    sets.push({ ...set, exact: eigenvalues.reduce((s, v) => s + v, 0) });
  }
  return sets;
}

const seedOf = (context: ExperimentContext, start: number) =>
  new Random(context.seed)
    .split(1)
    .split(start)
    .integer(2 ** 32);

/** What one start on one set gives: shares of the exact correlation. */
interface Found {
  readonly set: Set;
  readonly label: string;
  readonly five: number;
  readonly rival: number;
  /** Batches of twenty, one pass and five; digits only. */
  readonly twenty?: number;
  readonly long?: number;
}

/** How much of the exact correlation tiny batches find in one pass. */
export default experiment(record, {
  id: 'small-batches',
  title: 'Correlations from tiny batches',
  axes: { x: 'rows seen', y: 'share of the exact correlation', logY: false },
  parameters: [starts],
  claims: ['small-batches'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    yield { kind: 'progress', label: 'data', fraction: 0 };
    const sets = await prepare(context, pause);
    const found: Found[] = [];
    const rows: Cell[][] = [];
    for (const [s, set] of sets.entries()) {
      for (let start = 0; start < parameterValue(starts, context); start++) {
        const here = `${set.name}, start ${start + 1}`;
        yield { kind: 'progress', label: here, fraction: (s + start / 3) / sets.length };
        const one = yield* tiny(method, context, set, start);
        found.push(one);
        rows.push([here, 5, set.pass, one.five, one.rival]);
        if (one.twenty !== undefined && one.long !== undefined) {
          rows.push([here, 20, set.pass, one.twenty, null], [here, 20, 5 * set.pass, one.long, null]);
        }
      }
    }
    const of = (set: Set | undefined, value: (one: Found) => number) =>
      set && found.filter((one) => one.set === set).map((one) => ({ label: one.label, value: value(one) }));
    const [plain, digits] = sets;
    yield decide('small-batches', {
      planted: of(plain, (one) => one.five)!,
      plantedLead: of(plain, (one) => one.five - one.rival)!,
      digits: of(digits, (one) => one.five),
      digitsLead: of(digits, (one) => one.five - one.rival),
      digitsTwenty: of(digits, (one) => one.twenty!),
      digitsLong: of(digits, (one) => one.long!),
    });
    for (const set of sets) {
      yield* relatives(method, context, set, rows);
      if (full) yield* largerBatches(method, context, set, rows);
      yield* pictures(set);
    }
    const columns = ['data', 'rows a batch', 'passes', 'Eckart–Young', 'rival'];
    const short = (cell: Cell) => (typeof cell === 'number' ? Number(cell.toFixed(3)) : cell);
    const title = 'Share of the exact top-5 correlation';
    yield { kind: 'table', title, columns, rows: rows.map((r) => r.map(short)) };
  },
});

/** The method with batches of five beside the rival at its better rate; on digits also larger batches and more passes. */
async function* tiny(
  method: Method,
  context: ExperimentContext,
  set: Set,
  start: number,
): AsyncGenerator<ExperimentEvent, Found> {
  const one = set.pass;
  const common = { components: K, seed: seedOf(context, start) };
  const show = start === 0;
  const ey = (batchSize: number, epochs: number) => () =>
    method.steps(set.views, { ...common, batchSize, epochs, learningRate: 1e-3, twoBatches: true });
  const five = yield* share(context, set, 'Eckart–Young', ey(5, one), 5, one, show);
  let rival = 0;
  for (const rate of [1e-2, 1e-3]) {
    const run = () => sgha(set.views, { ...common, batchSize: 5, epochs: one, rate });
    rival = Math.max(rival, yield* share(context, set, `SGHA, rate ${rate}`, run, 5, one, show));
  }
  const found = { set, label: `start ${start + 1}`, five, rival };
  if (set.pixels === undefined) return found;
  const twenty = yield* share(context, set, 'batch 20', ey(20, one), 20, one, false);
  const long = yield* share(context, set, 'batch 20, five', ey(20, 5 * one), 20, 5 * one, false);
  return { ...found, twenty, long };
}

/** One batch a step, which is biased, and the γ-EigenGame. */
async function* relatives(
  method: Method,
  context: ExperimentContext,
  set: Set,
  rows: Cell[][],
): AsyncGenerator<ExperimentEvent> {
  const { pass } = set;
  const options = { components: K, batchSize: 5, seed: seedOf(context, 0), learningRate: 1e-3 };
  const one = () => method.steps(set.views, { ...options, epochs: pass, twoBatches: false });
  const biased = yield* share(context, set, 'one batch a step (biased)', one, 5, pass, true);
  rows.push([`${set.name}, one batch a step (biased)`, 5, pass, biased, null]);
  let best = 0;
  for (const gamma of [0.01, 0.1]) {
    const game = () => gammaEigenGame(set.views, { ...options, epochs: pass, rate: 0.1, gamma });
    best = Math.max(best, yield* share(context, set, `γ-EigenGame, γ = ${gamma}`, game, 5, pass, true));
  }
  rows.push([`${set.name}, γ-EigenGame`, 5, pass, null, best]);
}

/** Batches of fifty and a hundred at a larger rate. */
async function* largerBatches(
  method: Method,
  context: ExperimentContext,
  set: Set,
  rows: Cell[][],
): AsyncGenerator<ExperimentEvent> {
  for (const batchSize of [50, 100]) {
    const options = { components: K, batchSize, seed: seedOf(context, 0), epochs: set.pass, learningRate: 1e-2 };
    const run = () => method.steps(set.views, options);
    const found = yield* share(context, set, '', run, batchSize, set.pass, false);
    rows.push([`${set.name}, rate 0.01`, batchSize, set.pass, found, null]);
  }
}

/** Runs a method to its end, with points of its curve where asked; gives the share at the end. */
async function* share(
  context: ExperimentContext,
  set: Set,
  series: string,
  run: () => Generator<readonly Float64Array[], unknown>,
  batch: number,
  epochs: number,
  show: boolean,
): AsyncGenerator<ExperimentEvent, number> {
  const pause = pauses(context);
  const score = captured(set.views, set.exact, K);
  try {
    const total = Math.floor(set.views[0].rows / batch) * epochs;
    const every = Math.ceil(total / 12);
    let seconds = 0;
    let resumed = performance.now();
    let step = 0;
    let last: readonly Float64Array[] = [];
    const curve = { x: [] as number[], y: [] as number[], seconds: [] as number[] };
    for (const weights of run()) {
      step++;
      last = weights;
      if (show && step % every === 0) {
        seconds += (performance.now() - resumed) / 1000;
        curve.x.push(step * batch);
        curve.y.push(score.of(weights));
        curve.seconds.push(seconds);
        resumed = performance.now();
      }
      if (step % 16 === 0) await pause();
    }
    if (show) {
      const { x, y, seconds: spent } = curve;
      yield { kind: 'points', panel: set.name, series, x, y, work: { seconds: spent } };
    }
    set.weights ??= last.map((U) => U.slice());
    return last.length > 0 ? score.of(last) : 0;
  } finally {
    score.free();
  }
}

/** The first pair of variates, and for halves of images the weights where their pixels lie. */
async function* pictures(set: Set): AsyncGenerator<ExperimentEvent> {
  const views = takeViews(set.views);
  try {
    const found = orderVariates(views, set.weights ?? [], [0, 0], K);
    const [Zx, Zy] = found.transform(set.views);
    const every = Math.ceil(views.rows / 500);
    const points = Array.from({ length: Math.floor(views.rows / every) }, (_, i) => ({
      x: Number(Zx.get(i * every, 0).toFixed(3)),
      y: Number(Zy.get(i * every, 0).toFixed(3)),
    }));
    const picture = { type: 'scatter', xLabel: 'first view', yLabel: 'second view', points } as const;
    yield { kind: 'picture', title: `${set.name}: first canonical variates`, picture };
    if (!set.pixels) return;
    for (let c = 0; c < 3; c++) {
      const values = new Array<number>(784).fill(0);
      set.pixels.forEach((list, v) => {
        list.forEach((p, j) => {
          values[p] = found.weights[v].get(j, c);
        });
      });
      const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      yield {
        kind: 'picture',
        title: `${set.name}: weights of variate ${c + 1}`,
        picture: { type: 'image', width: 28, height: 28, values: values.map((v) => 0.5 + v / (2 * largest)) },
      };
    }
  } finally {
    views.free();
  }
}
