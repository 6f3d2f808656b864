import { DenseMatrix, Random } from 'southwell';
import type { CanonicalVariates } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentContext, ExperimentEvent } from '../../experiment.ts';
import { loadMnist } from '../../material/images.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { capturedSum, exactCca, scoresOf, type Table, tableOf } from '../exact.ts';
import { libraryMethod, type Method, planted, weightsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { gammaEigenGame, sgha, type Weights } from '../rivals.ts';

const { sizes } = locked.claims['small-batches'];
const { quick, full: whole } = sizes;
const { components: K, batch: BATCH } = quick;

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

/** Halves of MNIST digits, standardised, using pixels whose standard deviation exceeds a bound. */
async function halves(pause: Pause): Promise<Set> {
  const { X } = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const top = X.data.reduce((m, v) => Math.max(m, v), 0);
  const pixels: number[][] = [[], []];
  for (let p = 0; p < 784; p++) {
    await pause();
    const column = X.column(p);
    const mean = column.reduce((s, v) => s + v / X.rows, 0);
    const deviation = Math.sqrt(column.reduce((s, v) => s + (v - mean) ** 2 / X.rows, 0));
    if (deviation <= (whole.deviation / 255) * top) continue;
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
  return setOf({ name: 'Split digits', views, pass: whole.digitPasses, pixels: pixels.map((p) => Int32Array.from(p)) });
}

interface Steps {
  readonly optimiser: 'adam' | 'sgd';
  readonly rate: number;
  /** For the γ-EigenGame. */
  readonly gamma?: number;
}
const stepsText = ({ optimiser, rate, gamma }: Steps) =>
  gamma === undefined ? `${optimiser} ${Number(rate.toPrecision(2))}` : `γ = ${gamma}, ${Number(rate.toPrecision(2))}`;

/** The grid of steps for tuning: the same for both methods that use Adam, and at least as many trials for the game. */
function gridsOf(full: boolean): { readonly steps: readonly Steps[]; readonly games: readonly Steps[] } {
  const { steps, quickSteps, games, quickGames } = locked.grids;
  const [own, rival] = full ? [steps, games] : [quickSteps, quickGames];
  return {
    steps: own.optimiser.flatMap((optimiser) => own.rate.map((rate) => ({ optimiser, rate }))),
    // An average of weight 10, the largest γ of the paper, would be clipped to weight 1.
    games: rival.gamma.flatMap((gamma) => rival.rate.map((rate) => ({ optimiser: 'sgd' as const, rate, gamma }))),
  };
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
    // One batch per step instead of the two of the default, since the rivals have one: all read each row once in a pass.
    const options = { components: K, batchSize, epochs, optimiser, learningRate: rate, twoBatches: false, seed };
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

/**
 * The steps that are best for a method on a separate draw, of the grid and of finer rates around the best of the grid;
 * the result of each in a row.
 */
async function* tuned(
  name: string,
  contender: Contender,
  trial: Trial,
  grid: readonly Steps[],
  rows: Cell[][],
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Steps> {
  let [best, most] = [grid[0], -1];
  let tried = 0;
  const finer = () => locked.grids.finer.times.map((times) => ({ ...best, rate: best.rate * times }));
  for (const stage of [() => grid, finer]) {
    for (const one of stage()) {
      const share = await contender(trial, one, pause);
      rows.push([trial.set.name, name, trial.batchSize, stepsText(one), share]);
      // Other sizes of batches are in the table alone.
      if (trial.batchSize === BATCH) {
        const panel = `${trial.set.name}: steps that were tried`;
        yield { kind: 'points', panel, series: name, x: [++tried], y: [share] };
      }
      if (share > most) [best, most] = [one, share];
    }
  }
  return best;
}

const seedOf = (context: ExperimentContext, draw: number) => new Random(context.seed).split(draw).integer(2 ** 32);

const plantedSet = async (context: ExperimentContext, draw: number, pause: Pause): Promise<Set> => {
  const { rows, columns, correlations, passes } = quick;
  const views = await planted(rows, columns, correlations, seedOf(context, 1000 + draw), pause);
  return setOf({ name: 'Planted', views, pass: passes });
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
  readonly game: Steps;
  readonly twenty?: Steps;
}

type Found = { readonly planted: Record<Measured, number[]>; readonly digits: Record<Measured, number[]> };

const { plus: LEAD } = locked.claims['small-batches'].measures.plantedLead['≥'];
const beyondSgha = ({ planted: plain, digits: real }: Found, full: boolean) => ({
  planted: { draws: plain.own.map((share, k) => (share >= plain.sgha[k] + LEAD ? share : 0)) },
  plantedLead: beside(plain.own, plain.sgha),
  digits: full ? { draws: real.own } : undefined,
  digitsLead: full ? beside(real.own, real.sgha) : undefined,
  digitsTwenty: full ? { draws: real.twenty } : undefined,
  digitsLong: full ? { draws: real.long } : undefined,
});
const beyondGame = ({ planted: plain, digits: real }: Found, full: boolean) => ({
  plantedGame: beside(plain.own, plain.game),
  digitsGame: full ? beside(real.own, real.game) : undefined,
});

/** The fraction of the exact correlation that tiny batches find when each row is read once. */
export default experiment(record, {
  id: 'small-batches',
  title: 'Correlations from tiny batches',
  panels: [
    {
      title: '{data}',
      x: { label: 'rows seen' },
      y: { label: 'share of the exact correlation' },
      series: ['Eckart–Young', 'SGHA', 'γ-EigenGame'],
      control: 'SGHA',
    },
    {
      title: '{data}: shares by draw',
      x: { label: 'draw' },
      y: { label: 'share of the exact correlation' },
      series: ['Eckart–Young', 'SGHA', 'γ-EigenGame'],
      control: 'SGHA',
    },
    {
      title: '{data}: steps that were tried',
      x: { label: 'step sizes tried' },
      y: { label: 'share of the exact correlation' },
      series: ['Eckart–Young', 'SGHA', 'γ-EigenGame'],
      control: 'SGHA',
    },
  ],
  claims: ['small-batches', 'eigen-game'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const looks = locked.claims['small-batches'].draws[context.size];
    const rows: Cell[][] = [];
    const grids: Cell[][] = [];
    yield { kind: 'progress', label: 'steps', fraction: 0 };
    const digits = full ? await halves(pause) : undefined;
    const own = eckartYoung(method);
    const chosen = new Map<string, Chosen>();
    const grid = gridsOf(full);
    for (const set of [await plantedSet(context, -1, pause), ...(digits ? [digits] : [])]) {
      const trial = { set, seed: seedOf(context, 999), batchSize: BATCH, epochs: set.pass };
      const pick = (name: string, contender: Contender, from: readonly Steps[], batchSize: number = BATCH) =>
        tuned(name, contender, { ...trial, batchSize }, from, grids, pause);
      chosen.set(set.name, {
        own: yield* pick('Eckart–Young', own, grid.steps),
        sgha: yield* pick('SGHA', hebbian, grid.steps),
        game: yield* pick('γ-EigenGame', game, grid.games),
        ...(set === digits && { twenty: yield* pick('Eckart–Young', own, grid.steps, whole.wider) }),
      });
      if (set !== digits) free(set);
    }
    const found: Found = { planted: nothing(), digits: nothing() };
    // A draw is an order of the rows and a start, and a table of its own unless that is shared.
    const { shared } = sizes[context.size];
    const first = await plantedSet(context, 0, pause);
    let draw = 0;
    do {
      const here = shared || draw === 0 ? first : await plantedSet(context, draw, pause);
      for (const [set, into] of [
        [here, found.planted] as const,
        ...(digits ? [[digits, found.digits] as const] : []),
      ]) {
        yield { kind: 'progress', label: `${set.name}, draw ${draw + 1}`, fraction: draw / looks[looks.length - 1] };
        const steps = chosen.get(set.name)!;
        const trial = { set, seed: seedOf(context, draw), batchSize: BATCH, epochs: set.pass };
        into.own.push(await own(trial, steps.own, pause));
        into.sgha.push(await hebbian(trial, steps.sgha, pause));
        into.game.push(await game(trial, steps.game, pause));
        for (const [series, shares] of [
          ['Eckart–Young', into.own],
          ['SGHA', into.sgha],
          ['γ-EigenGame', into.game],
        ] as const) {
          const panel = `${set.name}: shares by draw`;
          yield { kind: 'points', panel, series, x: [draw + 1], y: [shares[draw]] };
        }
        rows.push([set.name, draw + 1, BATCH, set.pass, into.own[draw], into.sgha[draw], into.game[draw]]);
        if (!steps.twenty) continue;
        const twenty = { ...trial, batchSize: whole.wider };
        const long = whole.longer * set.pass;
        into.twenty.push(await own(twenty, steps.twenty, pause));
        into.long.push(await own({ ...twenty, epochs: long }, steps.twenty, pause));
        rows.push([set.name, draw + 1, whole.wider, set.pass, into.twenty[draw], null, null]);
        rows.push([set.name, draw + 1, whole.wider, long, into.long[draw], null, null]);
      }
      if (here !== first) free(here);
      draw++;
    } while (
      ![
        decide.enough('small-batches', draw, () => beyondSgha(found, full)),
        decide.enough('eigen-game', draw, () => beyondGame(found, full)),
      ].every(Boolean)
    );
    yield decide('small-batches', beyondSgha(found, full));
    yield decide('eigen-game', beyondGame(found, full));
    const columns = ['data', 'draw', 'rows a batch', 'passes', 'Eckart–Young', 'SGHA', 'γ-EigenGame'];
    yield { kind: 'table', title: 'Share of the exact top-5 correlation', columns, rows };
    for (const set of [first, ...(digits ? [digits] : [])]) {
      yield* curves(method, context, set, chosen.get(set.name)!, grids);
      free(set);
    }
    const gridColumns = ['data', 'method', 'rows a batch', 'steps', 'share'];
    yield { kind: 'table', title: 'Steps of the grid', columns: gridColumns, rows: grids };
  },
});

/** Curves of the first draw, and larger batches at full size. */
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
    ['γ-EigenGame', game, chosen.game],
  ];
  for (const [series, contender, steps] of contenders) {
    const every = Math.ceil((set.tables[0].rows * set.pass) / BATCH / 12);
    const began = performance.now();
    yield* streamed((emit) =>
      contender(trial, steps, pause, (step, weights) => {
        if (step % every > 0) return;
        const [x, y] = [[step * BATCH], [capturedSum(set.tables, weights, K) / set.exact]];
        const work = { seconds: [(performance.now() - began) / 1000] };
        emit({ kind: 'points', panel: set.name, series, x, y, work });
      }),
    );
  }
  for (const batchSize of full ? whole.shown : []) {
    const steps = { optimiser: 'adam', rate: whole.shownRate } as const;
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
