import { Random, SouthwellError } from 'southwell';
import { ccaExact } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentContext, ExperimentEvent } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { type DeepMethod, digits, halvesOf, libraryNets, matrixOf, type Split, totalOf } from '../deepLab.ts';
import type { CodesOf, DeepRival } from '../deepRivals.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes, draws, measures } = locked.claims['deep-cca'];
const { times: MORE } = measures.lines['≥'];
const { hidden: HIDDEN, batch: BATCH, epochs: EPOCHS, rate: USUAL } = sizes.quick;
/** Adam rates for every method at full size; the best one on a separate draw is used. */
const RATES = locked.grids.deepRates.rate;
/** Ridges of linear analysis; the best on the measured rows themselves is used, which favours it. */
const RIDGES = locked.grids.ridges.ridge;
const METHODS = ['Eckart–Young', 'STOL', 'NOI'] as const;
type MethodName = (typeof METHODS)[number];

/** Total correlation of held-out digits every so many epochs, including the last; empty if the run failed. */
async function curve(
  method: DeepMethod,
  name: MethodName,
  split: Split,
  { components, rate, seed, every }: { components: number; rate: number; seed: number; every: number },
  pause: Pause,
): Promise<{ readonly totals: number[]; readonly seconds: number[] }> {
  // One batch per step instead of the two of the default, as for the rivals and in the authors' code.
  const options = { components, hidden: HIDDEN, batchSize: BATCH, epochs: EPOCHS, rate, seed, twoBatches: false };
  const steps: Generator<CodesOf | undefined> =
    name === 'Eckart–Young'
      ? method.nets(split.fitted, options)
      : method.rivals(name as DeepRival, split.fitted, options);
  const [totals, seconds]: number[][] = [[], []];
  let [spent, epoch] = [0, 0];
  for (;;) {
    const resumed = performance.now();
    const { value, done } = nextOf(steps);
    spent += (performance.now() - resumed) / 1000;
    if (done) return { totals, seconds };
    if (value && ++epoch % every === 0) {
      totals.push(totalOf(value, split, components));
      seconds.push(spent);
    }
    await pause();
  }
}

/** One step; ends if it fails, e.g. because codes cannot be whitened. */
function nextOf(steps: Generator<CodesOf | undefined>): {
  readonly value?: CodesOf | undefined;
  readonly done?: boolean;
} {
  try {
    const { value, done } = steps.next();
    return done ? { done } : { value };
  } catch (error) {
    if (error instanceof SouthwellError) return { done: true };
    throw error;
  }
}

/** For each number of components the largest total correlation of held-out digits by linear analysis with one of the ridges. */
async function linear({ fitted, held }: Split, components: readonly number[], pause: Pause): Promise<number[]> {
  const best = components.map(() => 0);
  const [X, Z] = [fitted, held].map((views) => views.map(matrixOf));
  for (const ridge of RIDGES) {
    const found = ccaExact(X, { components: Math.max(...components), ridge }).correlations(Z);
    components.forEach((count, at) => {
      const total = found.subarray(0, count).reduce((sum, rho) => sum + rho, 0);
      best[at] = Math.max(best[at], total);
    });
    await pause();
  }
  return best;
}

interface Found {
  readonly own: number[];
  readonly stol: number[];
  readonly noi: number[];
  readonly linear: number[];
}
const beside = (own: readonly number[], other: readonly number[]) => ({
  draws: own.map((value, k) => ({ value, reference: other[k] })),
});

const seedOf = (context: ExperimentContext, draw: number) => new Random(context.seed).split(draw).integer(2 ** 32);

/** The rate of each method for each number of components: at full size the best of the grid on a separate draw. */
async function* tuned(
  method: DeepMethod,
  context: ExperimentContext,
  { split, counts }: { split: Split; counts: readonly number[] },
  grids: Cell[][],
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Map<string, number>> {
  const rates = new Map<string, number>();
  for (const components of counts) {
    for (const name of METHODS) {
      let most = Number.NEGATIVE_INFINITY;
      rates.set(`${name} ${components}`, USUAL);
      for (const rate of context.size === 'full' ? RATES : []) {
        yield { kind: 'progress', label: `rates of ${name}, ${components} components`, fraction: 0 };
        const seed = seedOf(context, 1000);
        const { totals } = await curve(method, name, split, { components, rate, seed, every: EPOCHS }, pause);
        const last = totals.at(-1) ?? 0;
        grids.push([components, name, rate, last]);
        if (last > most) rates.set(`${name} ${components}`, rate);
        most = Math.max(most, last);
      }
    }
  }
  return rates;
}

/** Networks on halves of digits, with tiny batches. */
export default experiment(record, {
  id: 'deep',
  title: 'Deep canonical correlation on tiny batches',
  panels: [
    {
      title: '{count} components, batches of {rows}',
      x: { label: 'passes over the digits' },
      y: { label: 'total correlation of held-out digits' },
      series: ['linear, exact', ...METHODS],
      control: 'linear, exact',
    },
  ],
  claims: ['deep-cca', 'deep-narrow-batches', 'deep-noi'],
  method: libraryNets,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    yield { kind: 'progress', label: 'digits', fraction: 0 };
    const { side, fit, hold, few, many } = sizes[context.size];
    const counts = [few, many];
    const pixels = await digits(side, pause);
    const grids: Cell[][] = [];
    const rows: Cell[][] = [];
    const split = (draw: number) => halvesOf(pixels, fit, hold, seedOf(context, draw));
    const rates = yield* tuned(method, context, { split: split(1000), counts }, grids, pause);
    const found = counts.map((): Found => ({ own: [], stol: [], noi: [], linear: [] }));
    const values = (at: number) => ({
      lines: beside(found[at].own, found[at].linear),
      stol: beside(found[at].own, found[at].stol),
    });
    const ofTen = () => {
      const { own, linear: best, stol } = found[0];
      return {
        lead: beside(
          own,
          own.map((_, k) => Math.max(MORE * best[k], stol[k])),
        ),
        ...values(0),
      };
    };
    const ofNoi = () => ({
      noi: counts.map((count, at) => ({ label: `${count} outputs`, ...beside(found[at].own, found[at].noi) })),
    });
    const enough = (count: number) =>
      [
        decide.enough('deep-cca', count, ofTen),
        decide.enough('deep-narrow-batches', count, () => values(1)),
        decide.enough('deep-noi', count, ofNoi),
      ].every(Boolean);
    const looks = draws[context.size];
    let draw = 0;
    do {
      const here = split(draw);
      const lines = await linear(here, counts, pause);
      for (const [at, components] of counts.entries()) {
        const fraction = draw / looks[looks.length - 1];
        yield { kind: 'progress', label: `draw ${draw + 1}, ${components} components`, fraction };
        const { own, stol, noi, linear: best } = found[at];
        const into = { 'Eckart–Young': own, STOL: stol, NOI: noi };
        best.push(lines[at]);
        const panel = `${components} components, batches of ${BATCH}`;
        if (draw === 0) {
          yield { kind: 'points', panel, series: 'linear, exact', x: [2, EPOCHS], y: [best[0], best[0]] };
        }
        for (const name of METHODS) {
          const rate = rates.get(`${name} ${components}`)!;
          const [seed, every] = [seedOf(context, 2000 + draw), draw === 0 ? 2 : EPOCHS];
          const { totals, seconds } = await curve(method, name, here, { components, rate, seed, every }, pause);
          into[name].push(totals.at(-1) ?? 0);
          if (draw > 0) continue;
          const x = totals.map((_, k) => 2 * (k + 1));
          yield { kind: 'points', panel, series: name, x, y: totals, work: { seconds } };
        }
        rows.push([draw + 1, components, best[draw], own[draw], stol[draw], noi[draw]]);
      }
      draw++;
    } while (!enough(draw));
    yield decide('deep-cca', ofTen());
    yield decide('deep-narrow-batches', values(1));
    yield decide('deep-noi', ofNoi());
    const columns = ['draw', 'components', 'linear, best ridge', 'Eckart–Young', 'STOL', 'NOI'];
    yield { kind: 'table', title: 'Total correlation of held-out digits', columns, rows };
    if (!full) return;
    const gridColumns = ['components', 'method', 'rate', 'total correlation'];
    yield { kind: 'table', title: 'Rates of the grid', columns: gridColumns, rows: grids };
  },
});
