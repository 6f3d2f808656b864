import { Random, SouthwellError } from 'southwell';
import { ccaExact } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentContext } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { type DeepMethod, digits, halvesOf, libraryNets, matrixOf, type Split, totalOf } from '../deepLab.ts';
import { type CodesOf, type DeepRival, rivalNets } from '../deepRivals.ts';
import { record } from '../record.ts';

const HIDDEN = [128, 128];
const BATCH = 20;
const EPOCHS = 10;
/** Adam rates for every method at full size; the best one on a separate draw is used. */
const RATES = [3e-4, 1e-3, 3e-3];
/** The rate at quick size. */
const USUAL = 1e-3;
/** Ridges of linear analysis; the best on the measured rows themselves is used, which favours it. */
const RIDGES = [0, 0.01, 0.1];
/** The numbers of the card and of the paper. */
const COMPONENTS = [10, 50] as const;
type Components = (typeof COMPONENTS)[number];
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
  const options = { components, hidden: HIDDEN, batchSize: BATCH, epochs: EPOCHS, rate, seed };
  const steps: Generator<CodesOf | undefined> =
    name === 'Eckart–Young' ? method.nets(split.fitted, options) : rivalNets(name as DeepRival, split.fitted, options);
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

/** The largest total correlation of held-out digits by linear analysis with one of the ridges. */
async function linear({ fitted, held }: Split, components: number, pause: Pause): Promise<number> {
  let best = 0;
  const [X, Z] = [fitted, held].map((views) => views.map(matrixOf));
  for (const ridge of RIDGES) {
    const found = ccaExact(X, { components, ridge }).correlations(Z);
    best = Math.max(
      best,
      found.reduce((sum, rho) => sum + rho, 0),
    );
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

/** Networks on halves of digits, with tiny batches. */
export default experiment(record, {
  id: 'deep',
  title: 'Deep canonical correlation on tiny batches',
  axes: { x: 'passes over the digits', y: 'total correlation of held-out digits', logY: false },
  claims: ['deep-cca', 'deep-narrow-batches'],
  method: libraryNets,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    yield { kind: 'progress', label: 'digits', fraction: 0 };
    const pixels = await digits(full ? 28 : 14, pause);
    const [fit, hold] = full ? [8000, 2000] : [1500, 1000];
    const grids: Cell[][] = [];
    const rows: Cell[][] = [];
    const rates = new Map<string, number>();
    const split = (draw: number) => halvesOf(pixels, fit, hold, seedOf(context, draw));
    const unseen = split(1000);
    for (const components of COMPONENTS) {
      for (const name of METHODS) {
        let most = Number.NEGATIVE_INFINITY;
        rates.set(`${name} ${components}`, USUAL);
        for (const rate of full ? RATES : []) {
          yield { kind: 'progress', label: `rates of ${name}, ${components} components`, fraction: 0 };
          const seed = seedOf(context, 1000);
          const { totals } = await curve(method, name, unseen, { components, rate, seed, every: EPOCHS }, pause);
          const last = totals.at(-1) ?? 0;
          grids.push([components, name, rate, last]);
          if (last > most) rates.set(`${name} ${components}`, rate);
          most = Math.max(most, last);
        }
      }
    }
    const found: Record<Components, Found> = {
      10: { own: [], stol: [], noi: [], linear: [] },
      50: { own: [], stol: [], noi: [], linear: [] },
    };
    const values = (components: Components) => {
      const { own, stol, linear: lines } = found[components];
      return { lines: beside(own, lines), stol: beside(own, stol) };
    };
    const ten = () => ({ stol: values(10).stol, lines: full ? values(10).lines : undefined });
    const enough = (draw: number) =>
      decide.enough('deep-cca', draw, ten) && decide.enough('deep-narrow-batches', draw, () => values(50));
    const looks = record.claims[4].draws[context.size];
    let draw = 0;
    do {
      const here = split(draw);
      for (const components of COMPONENTS) {
        yield {
          kind: 'progress',
          label: `draw ${draw + 1}, ${components} components`,
          fraction: draw / looks[looks.length - 1],
        };
        const { own, stol, noi, linear: lines } = found[components];
        const into = { 'Eckart–Young': own, STOL: stol, NOI: noi };
        lines.push(await linear(here, components, pause));
        // Nothing is claimed about NOI: at quick size it is run once, for the picture.
        for (const name of full || draw === 0 ? METHODS : METHODS.slice(0, 2)) {
          const rate = rates.get(`${name} ${components}`)!;
          const seed = seedOf(context, 2000 + draw);
          const { totals, seconds } = await curve(
            method,
            name,
            here,
            { components, rate, seed, every: draw === 0 ? 2 : EPOCHS },
            pause,
          );
          into[name].push(totals.at(-1) ?? 0);
          if (draw > 0) continue;
          const x = totals.map((_, k) => 2 * (k + 1));
          const panel = `${components} components, batches of ${BATCH}`;
          yield { kind: 'points', panel, series: name, x, y: totals, work: { seconds } };
          if (name !== 'Eckart–Young') continue;
          yield { kind: 'points', panel, series: 'linear, exact', x: [2, EPOCHS], y: [lines[0], lines[0]] };
        }
        rows.push([draw + 1, components, lines[draw], own[draw], stol[draw], noi[draw] ?? null]);
      }
      draw++;
    } while (!enough(draw));
    yield decide('deep-cca', ten());
    yield decide('deep-narrow-batches', values(50));
    const columns = ['draw', 'components', 'linear, best ridge', 'Eckart–Young', 'STOL', 'NOI'];
    yield { kind: 'table', title: 'Total correlation of held-out digits', columns, rows };
    if (!full) return;
    const gridColumns = ['components', 'method', 'rate', 'total correlation'];
    yield { kind: 'table', title: 'Rates of the grid', columns: gridColumns, rows: grids };
  },
});
