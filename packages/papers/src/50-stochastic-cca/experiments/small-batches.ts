import { DenseMatrix, Random } from 'southwell';
import type { CanonicalVariates } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentContext, ExperimentEvent } from '../../experiment.ts';
import { loadMnist } from '../../material/images.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { capturedSum, exactCca, scoresOf, type Table, tableOf } from '../exact.ts';
import { libraryMethod, type Method, planted, weightsOf } from '../lab.ts';
import { record } from '../record.ts';
import { gammaEigenGame, sgha, type Weights } from '../rivals.ts';

const K = 5;
const RHO = [0.9, 0.85, 0.8, 0.75, 0.7];
const [ROWS, DIMS] = [20_000, [100, 80]];
const BATCH = 5;

interface Set {
  readonly name: string;
  readonly views: readonly DenseMatrix[];
  readonly tables: readonly [Table, Table];
  /** The exact sum of correlations. */
  readonly exact: number;
  /** Number of passes over the set that correspond to one of the paper's. */
  readonly pass: number;
  /** The position of each column of a view in the image. */
  readonly pixels?: ReadonlyArray<Int32Array>;
}

function setOf(plain: Omit<Set, 'tables' | 'exact'>): Set {
  const tables = plain.views.map(tableOf) as unknown as readonly [Table, Table];
  return { ...plain, tables, exact: exactCca(...tables, K).correlations.reduce((s, v) => s + v, 0) };
}

const free = ({ views }: Set) => {
  for (const V of views) V.free();
};

/** Halves of MNIST digits, standardised, using pixels with a standard deviation above 8 of 255. */
async function halves(pause: Pause): Promise<Set> {
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
  return setOf({ name: 'Split digits', views, pass: 3, pixels: pixels.map((p) => Int32Array.from(p)) });
}

interface Steps {
  readonly optimiser: 'adam' | 'sgd';
  readonly rate: number;
  /** For the γ-EigenGame. */
  readonly gamma?: number;
}
const RATES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2];
const stepsText = ({ optimiser, rate, gamma }: Steps) =>
  gamma === undefined ? `${optimiser} ${rate}` : `γ = ${gamma}, ${rate}`;

/** The grid of steps for tuning: the same for both methods that use Adam, and the paper's γ for the game. */
function gridsOf(full: boolean): { readonly steps: readonly Steps[]; readonly games: readonly Steps[] } {
  const by = (optimiser: Steps['optimiser']) => RATES.slice(1).map((rate) => ({ optimiser, rate }));
  if (!full) return { steps: by('adam'), games: [{ optimiser: 'sgd', rate: 3e-3, gamma: 0.1 }] };
  // An average of weight 10 is clipped to weight 1.
  const games = [0.01, 0.1, 1].flatMap((gamma) => RATES.map((rate) => ({ optimiser: 'sgd' as const, rate, gamma })));
  return { steps: [...by('adam'), ...by('sgd')], games };
}

interface Trial {
  readonly set: Set;
  readonly seed: number;
  readonly batchSize: number;
  readonly epochs: number;
}

/** A method with chosen steps, run on a set to its end. */
type Contender = (trial: Trial, steps: Steps, pause: Pause, watch?: Watch) => Promise<number>;
/** Called after some of the steps, with the current weights. */
type Watch = (step: number, weights: Weights) => void;

const eckartYoung =
  (method: Method, keep?: (found: CanonicalVariates) => void): Contender =>
  async ({ set, seed, batchSize, epochs }, { optimiser, rate }, pause, watch) => {
    const options = { components: K, batchSize, epochs, optimiser, learningRate: rate, twoBatches: true, seed };
    const run = method.steps(set.views, options);
    for (let step = 1; ; step++) {
      const one = run.next();
      if (one.done) {
        keep?.(one.value);
        return capturedSum(set.tables, weightsOf(one.value), K) / set.exact;
      }
      watch?.(step, one.value.weights);
      if (step % 16 === 0) await pause();
    }
  };

const rival =
  (make: (trial: Trial, steps: Steps) => Generator<Weights>): Contender =>
  async (trial, steps, pause, watch) => {
    let step = 0;
    let last: Weights = [];
    for (const weights of make(trial, steps)) {
      last = weights;
      watch?.(++step, weights);
      if (step % 16 === 0) await pause();
    }
    return capturedSum(trial.set.tables, last, K) / trial.set.exact;
  };

const plain = ({ seed, batchSize, epochs }: Trial, { rate }: Steps) => ({
  components: K,
  batchSize,
  epochs,
  rate,
  seed,
});
const hebbian = rival((trial, steps) => sgha(trial.set.tables, { ...plain(trial, steps), optimiser: steps.optimiser }));
const game = rival((trial, steps) => gammaEigenGame(trial.set.tables, { ...plain(trial, steps), gamma: steps.gamma! }));

/** The steps of the grid that are best for a method on a separate draw; the result of each in a row. */
async function tuned(
  name: string,
  contender: Contender,
  trial: Trial,
  grid: readonly Steps[],
  rows: Cell[][],
  pause: Pause,
) {
  let [best, most] = [grid[0], -1];
  for (const steps of grid) {
    const share = await contender(trial, steps, pause);
    rows.push([trial.set.name, name, trial.batchSize, stepsText(steps), share]);
    if (share > most) [best, most] = [steps, share];
  }
  return best;
}

const seedOf = (context: ExperimentContext, draw: number) => new Random(context.seed).split(draw).integer(2 ** 32);

const plantedSet = async (context: ExperimentContext, draw: number, pause: Pause): Promise<Set> => {
  const views = await planted(ROWS, DIMS, RHO, seedOf(context, 1000 + draw), pause);
  return setOf({ name: 'Planted', views, pass: 1 });
};

type Measured = 'own' | 'sgha' | 'game' | 'twenty' | 'long';
/** Measurements, one number per draw. */
const nothing = (): Record<Measured, number[]> => ({ own: [], sgha: [], game: [], twenty: [], long: [] });
const beside = (own: readonly number[], other: readonly number[]) => ({
  draws: own.map((value, k) => ({ value, reference: other[k] })),
});

/** The chosen steps of each method. */
interface Chosen {
  readonly own: Steps;
  readonly sgha: Steps;
  readonly game?: Steps;
  readonly twenty?: Steps;
}

/** The fraction of the exact correlation that tiny batches find in one pass. */
export default experiment(record, {
  id: 'small-batches',
  title: 'Correlations from tiny batches',
  axes: { x: 'rows seen', y: 'share of the exact correlation', logY: false },
  claims: ['small-batches'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const looks = record.claims[0].draws[context.size];
    const rows: Cell[][] = [];
    const grids: Cell[][] = [];
    yield { kind: 'progress', label: 'steps', fraction: 0 };
    const digits = full ? await halves(pause) : undefined;
    const own = eckartYoung(method);
    const chosen = new Map<string, Chosen>();
    const grid = gridsOf(full);
    for (const set of [await plantedSet(context, -1, pause), ...(digits ? [digits] : [])]) {
      const trial = { set, seed: seedOf(context, 999), batchSize: BATCH, epochs: set.pass };
      const pick = (name: string, contender: Contender, from: readonly Steps[], batchSize = BATCH) =>
        tuned(name, contender, { ...trial, batchSize }, from, grids, pause);
      chosen.set(set.name, {
        own: await pick('Eckart–Young', own, grid.steps),
        sgha: await pick('SGHA', hebbian, grid.steps),
        ...(set === digits && {
          game: await pick('γ-EigenGame', game, grid.games),
          twenty: await pick('Eckart–Young', own, grid.steps, 20),
        }),
      });
      if (set !== digits) free(set);
    }
    const found = { planted: nothing(), digits: nothing() };
    const { planted: plain, digits: real } = found;
    const values = () => ({
      planted: { draws: plain.own },
      plantedLead: beside(plain.own, plain.sgha),
      digits: full ? { draws: real.own } : undefined,
      digitsLead: full ? beside(real.own, real.sgha) : undefined,
      digitsGame: full ? beside(real.own, real.game) : undefined,
      digitsTwenty: full ? { draws: real.twenty } : undefined,
      digitsLong: full ? { draws: real.long } : undefined,
    });
    let draw = 0;
    do {
      const here = await plantedSet(context, draw, pause);
      for (const [set, into] of [
        [here, found.planted] as const,
        ...(digits ? [[digits, found.digits] as const] : []),
      ]) {
        yield { kind: 'progress', label: `${set.name}, draw ${draw + 1}`, fraction: draw / looks[looks.length - 1] };
        const steps = chosen.get(set.name)!;
        const trial = { set, seed: seedOf(context, draw), batchSize: BATCH, epochs: set.pass };
        into.own.push(await own(trial, steps.own, pause));
        into.sgha.push(await hebbian(trial, steps.sgha, pause));
        const [one, other] = [into.own[draw], into.sgha[draw]];
        if (steps.game) into.game.push(await game(trial, steps.game, pause));
        rows.push([set.name, draw + 1, BATCH, set.pass, one, other, into.game[draw] ?? null]);
        if (!steps.twenty) continue;
        const twenty = { ...trial, batchSize: 20 };
        into.twenty.push(await own(twenty, steps.twenty, pause));
        into.long.push(await own({ ...twenty, epochs: 5 * set.pass }, steps.twenty, pause));
        rows.push([set.name, draw + 1, 20, set.pass, into.twenty[draw], null, null]);
        rows.push([set.name, draw + 1, 20, 5 * set.pass, into.long[draw], null, null]);
      }
      free(here);
      draw++;
    } while (!decide.enough('small-batches', draw, values));
    yield decide('small-batches', values());
    const columns = ['data', 'draw', 'rows a batch', 'passes', 'Eckart–Young', 'SGHA', 'γ-EigenGame'];
    yield { kind: 'table', title: 'Share of the exact top-5 correlation', columns, rows };
    for (const set of [await plantedSet(context, 0, pause), ...(digits ? [digits] : [])]) {
      yield* curves(method, context, set, chosen.get(set.name)!, grids);
      free(set);
    }
    const gridColumns = ['data', 'method', 'rows a batch', 'steps', 'share'];
    yield { kind: 'table', title: 'Steps of the grid', columns: gridColumns, rows: grids };
  },
});

/**
 * Curves of the first draw including the γ-EigenGame, with its γ and rate chosen in the same way, and larger batches at
 * full size.
 */
async function* curves(
  method: Method,
  context: ExperimentContext,
  set: Set,
  chosen: Chosen,
  grids: Cell[][],
): AsyncGenerator<ExperimentEvent> {
  const full = context.size === 'full';
  const pause = pauses(context);
  const trial = { set, seed: seedOf(context, 0), batchSize: BATCH, epochs: set.pass };
  let variates: CanonicalVariates | undefined;
  const contenders: Array<readonly [string, Contender, Steps]> = [
    ['Eckart–Young', eckartYoung(method, (v) => (variates = v)), chosen.own],
    ['SGHA', hebbian, chosen.sgha],
  ];
  yield { kind: 'progress', label: 'γ-EigenGame', fraction: 1 };
  const playing = chosen.game ?? (await tuned('γ-EigenGame', game, trial, gridsOf(full).games, grids, pause));
  contenders.push([`γ-EigenGame, ${stepsText(playing)}`, game, playing]);
  for (const [series, contender, steps] of contenders) {
    const every = Math.ceil((set.tables[0].rows * set.pass) / BATCH / 12);
    const began = performance.now();
    const curve = { x: [] as number[], y: [] as number[], seconds: [] as number[] };
    await contender(trial, steps, pause, (step, weights) => {
      if (step % every > 0) return;
      curve.x.push(step * BATCH);
      curve.y.push(capturedSum(set.tables, weights, K) / set.exact);
      curve.seconds.push((performance.now() - began) / 1000);
    });
    const { x, y, seconds } = curve;
    yield { kind: 'points', panel: set.name, series, x, y, work: { seconds } };
  }
  for (const batchSize of full ? [50, 100] : []) {
    const steps = { optimiser: 'adam', rate: 1e-2 } as const;
    const share = await eckartYoung(method)({ ...trial, batchSize }, steps, pause);
    grids.push([set.name, 'Eckart–Young', batchSize, stepsText(steps), share]);
  }
  if (variates) yield* pictures(set, variates);
}

/** The first pair of variates, and for halves of images the weights as images. */
function* pictures({ name, tables, pixels }: Set, found: CanonicalVariates): Generator<ExperimentEvent> {
  const [Zx, Zy] = weightsOf(found).map((W, v) => scoresOf(tables[v], W).data);
  const every = Math.ceil(tables[0].rows / 500);
  const points = Array.from({ length: Math.floor(tables[0].rows / every) }, (_, i) => ({
    x: Number(Zx[i * every * K].toFixed(3)),
    y: Number(Zy[i * every * K].toFixed(3)),
  }));
  const picture = { type: 'scatter', xLabel: 'first view', yLabel: 'second view', points } as const;
  yield { kind: 'picture', title: `${name}: first canonical variates`, picture };
  for (let c = 0; c < 3 && pixels; c++) {
    const values = new Array<number>(784).fill(0);
    pixels.forEach((list, v) => {
      list.forEach((p, j) => {
        values[p] = found.weights[v].get(j, c);
      });
    });
    const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    yield {
      kind: 'picture',
      title: `${name}: weights of variate ${c + 1}`,
      picture: { type: 'image', width: 28, height: 28, values: values.map((v) => 0.5 + v / (2 * largest)) },
    };
  }
}
