import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { columnsOf, type Entries, entriesOf, type IndicesLike, rangeOf } from './axes.ts';
import { type Data, judge } from './judge.ts';
import { FunctionalTuckerModel, partsOf } from './model.ts';
import {
  checkOptions,
  eachAxis,
  type FitState,
  type FunctionalTuckerOptions,
  settingsOf,
  type Tried,
  USUAL_LENGTHSCALE,
} from './options.ts';
import { type FunctionalFactors, type FunctionalState, sweepIterates } from './sweeps.ts';

/** Additional information about the values. */
export interface Measured {
  /** Noise standard deviation, one for all or one for each value. Default: one, estimated. */
  readonly noise?: number | ArrayLike<number>;
}
const measuredKeys: OptionKeys<Measured> = { noise: true };

/** A functional tensor with its options, to be fitted. */
export interface FunctionalTucker {
  /** Blocking. */
  fit(indices: IndicesLike, values: ArrayLike<number>, measured?: Measured): FunctionalTuckerModel;
  /** As `fit`, but yields to the event loop between sweeps. */
  fitAsync(indices: IndicesLike, values: ArrayLike<number>, measured?: Measured): Promise<FunctionalTuckerModel>;
}

/** A run of the plan, which is resumed with its solution. */
interface Sweeping {
  readonly iterates: Iterable<Iterate<FunctionalFactors>>;
  readonly limits: RunOptions<FunctionalFactors>;
}
type Plan = Generator<Sweeping, FunctionalTuckerModel, Solution<FunctionalFactors>>;

/** Candidate length scales, first common to all axes; then each axis tries the neighbours of its own. */
const COMMON = [0.05, 0.15, 0.4, 1];
const STEPS = [0.02, 0.05, 0.15, 0.4, 1, 2.5];
/** Minimum relative improvement for another length scale. */
const GAIN = 0.005;
/** Sweeps, initialisations and maximum number of entries in fits that choose length scales. */
const TRIAL = { sweeps: 20, restarts: 2, entries: 10_000 };
/** Minimum number of entries for choosing length scales and calibrating on held-out ones. */
const ENOUGH = 100;

/**
 * Functional Bayesian Tucker or CP decomposition (Fang et al. 2024): values at K real coordinates as a core, or for CP
 * a sum, over products of R functions of each coordinate, which are Gaussian processes with Matérn kernels. Entries
 * send messages to functions and core (conditional moment matching), from which a Kalman smoother computes posteriors
 * along each axis.
 *
 * `fit` takes rows of K coordinates and a value for each: length scales are chosen unless given, then intervals are
 * calibrated, then all entries are fitted. O(K N S^(K−1) + Σ n (cR)³) per sweep with S = R(R + 1)/2, n coordinates
 * along an axis and c = 1, 2, 3 by kernel; CP O(K² N S). Memory O(Σ n (cR)²).
 * @throws SouthwellError: `EMPTY` without entries, `INVALID_SHAPE`, `NON_FINITE`, `INVALID_PARAMETER` also for
 * coordinates outside of a declared range and R^K above 2000.
 */
export function functionalTucker(options: FunctionalTuckerOptions): FunctionalTucker {
  checkOptions('functionalTucker', options);
  return {
    fit(indices, values, measured) {
      const plan = planOf(dataOf(indices, values, options, measured), options);
      let step = plan.next();
      while (!step.done) step = plan.next(run(step.value.iterates, step.value.limits));
      return step.value;
    },
    async fitAsync(indices, values, measured) {
      const plan = planOf(dataOf(indices, values, options, measured), options);
      let step = plan.next();
      while (!step.done) step = plan.next(await runAsync(step.value.iterates, step.value.limits));
      return step.value;
    },
  };
}

/**
 * The sweeps of a fit to all entries as a generator of iterates, for core's `run`: those of all initialisations in
 * succession. By default length scales are 0.3 and values are centred, and nothing is held out.
 * @throws as {@link functionalTucker}.
 */
export function functionalTuckerIterates(
  indices: IndicesLike,
  values: ArrayLike<number>,
  options: Omit<FunctionalTuckerOptions, 'resume'> & { readonly resume?: FunctionalState },
  measured: Measured = {},
): Iterable<Iterate<FunctionalFactors>> {
  const { resume, ...rest } = options;
  checkOptions('functionalTuckerIterates', rest);
  const data = dataOf(indices, values, rest, measured);
  const K = data.columns.length;
  const settings = settingsOf(rest, K, eachAxis('lengthscales', rest.lengthscales ?? USUAL_LENGTHSCALE, K));
  return sweepIterates(entriesFor(data, rest.centre ?? true), settings, resume);
}

function dataOf(
  indices: IndicesLike,
  values: ArrayLike<number>,
  { ranges }: FunctionalTuckerOptions,
  measured: Measured = {},
): Data {
  knownKeys('fit', measured, measuredKeys);
  if (indices.length === 0) fail('EMPTY', 'There are no entries to fit.');
  if (values.length !== indices.length) {
    fail('INVALID_SHAPE', `There are ${indices.length} rows of coordinates, but ${values.length} values.`);
  }
  const columns = columnsOf(indices);
  for (let n = 0; n < values.length; n++) {
    if (!Number.isFinite(values[n])) fail('NON_FINITE', `The value of row ${n + 1} is ${values[n]}.`);
  }
  if (ranges && ranges.length !== columns.length) {
    fail('INVALID_SHAPE', `There are ${ranges.length} ranges for ${columns.length} axes.`);
  }
  // Declared ranges hold for all rows.
  const scales = scalesOf(columns, ranges);
  const data = { columns, scales, values: Float64Array.from(values) };
  const { noise } = measured;
  if (noise === undefined) return data;
  const list = typeof noise === 'number' ? [noise] : noise;
  if (typeof noise !== 'number' && noise.length !== values.length) {
    fail('INVALID_SHAPE', `There are ${values.length} values, but ${noise.length} noise standard deviations.`);
  }
  for (let n = 0; n < list.length; n++) {
    if (!(list[n] > 0 && list[n] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `Noise standard deviations must be above 0, but number ${n + 1} is ${list[n]}.`);
    }
  }
  return { ...data, noise: typeof noise === 'number' ? noise : Float64Array.from(noise) };
}

const scalesOf = (columns: readonly Float64Array[], ranges: FunctionalTuckerOptions['ranges']): Data['scales'] =>
  columns.map((column, k) => rangeOf(column, ranges?.[k], `Index ${k + 1}`));

/** The same entries, with axes scaled by some of the rows alone. */
const scaledBy = (data: Data, rows: Int32Array, ranges: FunctionalTuckerOptions['ranges']): Data => ({
  ...data,
  scales: scalesOf(
    data.columns.map((column) => Float64Array.from(rows, (n) => column[n])),
    ranges,
  ),
});

const entriesFor = ({ columns, scales, values, noise }: Data, centre: boolean, rows?: Int32Array): Entries =>
  entriesOf(columns, scales, values, noise, centre, rows);

/** The choice of length scales and the fit, as a plan of runs, followed by the calibration of intervals. */
function* planOf(all: Data, options: FunctionalTuckerOptions): Plan {
  const { signal, timeLimit, resume, seed = 0, calibrate = 0.1, onStage } = options;
  const K = all.columns.length;
  const N = all.values.length;
  const started = performance.now();
  const left = () =>
    timeLimit === undefined ? undefined : Math.max(0, timeLimit - (performance.now() - started) / 1000);
  // Checked before anything runs.
  const given = options.lengthscales === undefined ? undefined : eachAxis('lengthscales', options.lengthscales, K);
  const usual = settingsOf(options, K, given ?? new Array<number>(K).fill(USUAL_LENGTHSCALE));
  const order = new Random(seed).split(1).permutation(N);
  const wanted = Math.round(calibrate * N);
  // Nothing about the rows that are held out is known to the fit, nor whether they differ.
  const spare = N >= ENOUGH && entriesFor(all, true, order.slice(wanted)).scale > 0;
  const held = spare ? wanted : 0;
  const data = held > 0 ? scaledBy(all, order.slice(held), options.ranges) : all;
  const lists = given ? [given] : COMMON.map((l) => new Array<number>(K).fill(l));
  const centres = options.centre === undefined ? [true, false] : [options.centre];
  const chooses = spare && resume === undefined && lists.length * centres.length > 1;
  const trials = chooses ? lists.length * centres.length + (given ? 0 : 2 * K) : 0;
  let fit = 0;

  let { lengthscales, centre } = resume ?? { lengthscales: usual.lengthscales, centre: options.centre ?? true };
  let tried = resume?.tried;
  if (chooses) {
    const some = order.slice(held, held + TRIAL.entries);
    const tenth = Math.ceil(some.length / 10);
    const [check, train] = [some.slice(0, tenth), some.slice(tenth).sort()];
    const list: Tried[] = [];
    const attempt = function* (
      candidate: Omit<Tried, 'error'>,
    ): Generator<Sweeping, Tried, Solution<FunctionalFactors>> {
      const settings = settingsOf({ ...options, ...brief(options) }, K, candidate.lengthscales);
      onStage?.({ title: 'choosing length scales', fit: fit++, of: trials + 1 });
      const entries = entriesFor(data, candidate.centre, train);
      const { point } = yield { iterates: sweepIterates(entries, settings), limits: { signal, timeLimit: left() } };
      const { error } = judge(data, check, new FunctionalTuckerModel(partsOf(entries, settings, point, [])));
      const found = { ...candidate, error };
      list.push(found);
      return found;
    };
    const over = () => signal?.aborted === true || left() === 0;
    let own: Tried | undefined;
    for (const each of lists) {
      for (const c of centres) {
        if (over()) continue;
        const found = yield* attempt({ lengthscales: each, centre: c });
        if (!own || found.error < own.error) own = found;
      }
    }
    for (let k = 0; k < (given ? 0 : K) && own !== undefined; k++) {
      const from: Tried = own;
      const at = STEPS.indexOf(from.lengthscales[k]);
      for (const next of [at + 1, at - 1]) {
        if (over() || STEPS[next] === undefined) continue;
        const changed = from.lengthscales.map((l, j) => (j === k ? STEPS[next] : l));
        const found = yield* attempt({ lengthscales: changed, centre: from.centre });
        if (found.error < from.error * (1 - GAIN) && found.error < own.error) own = found;
      }
    }
    if (own !== undefined) [tried, lengthscales, centre] = [list, own.lengthscales, own.centre];
  }
  const settings = { ...usual, lengthscales };
  const entries = entriesFor(data, centre, held > 0 ? order.slice(held).sort() : undefined);
  onStage?.({ title: 'fitting', fit: trials, of: trials + 1 });
  const { checkpoint } = options;
  const solution = yield {
    iterates: sweepIterates(entries, settings, resume?.sweeps),
    limits: {
      ...only<RunOptions<FunctionalFactors>>(options, runKeys),
      timeLimit: left(),
      ...(checkpoint && {
        checkpoint: {
          every: checkpoint.every,
          save: (state: unknown, iteration: number) =>
            checkpoint.save(
              { lengthscales, centre, tried, sweeps: state as FunctionalState } satisfies FitState,
              iteration,
            ),
        },
      }),
    },
  };
  const fitting = { solution, tried };
  const model = new FunctionalTuckerModel(partsOf(entries, settings, solution.point, []), fitting);
  if (held === 0) return model;
  const kept = order.slice(0, held);
  const { scores, error, mean } = judge(data, kept, model);
  return new FunctionalTuckerModel({ ...model.parts, scores }, { ...fitting, heldOut: { error, mean, entries: kept } });
}

/** No more sweeps and initialisations than requested. */
const brief = ({ sweeps = 40, restarts = 3 }: FunctionalTuckerOptions) => ({
  sweeps: Math.min(sweeps, TRIAL.sweeps),
  restarts: Math.min(restarts, TRIAL.restarts),
});
