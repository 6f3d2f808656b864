import {
  alone,
  type Communicator,
  complete,
  type Exchange,
  RowSums,
  rowChunk,
  rowsOfRank,
} from '@southwell/distributed';
import { type Certificate, fail, run, type Status } from '@southwell/numerics/core';
import { centeredClippingWeights } from './clipping.ts';
import { FLAG_TOLERANCE, flagIterates } from './flag.ts';
import { geometricMedianWeights } from './geometricMedian.ts';
import { combine, gramOf, medianOf, partOfGram, squaresOf } from './gram.ts';
import { bulyanSelection, krumOf } from './krum.ts';
import {
  type AggregateOptions,
  type AggregationRule,
  aggregationRules,
  checkSettings,
  type Settings,
  settingsFor,
} from './options.ts';
import { allFinite, coordinateMedian, meanAround, trimmedMean } from './sorted.ts';
import type { Gradient } from './staging.ts';

/** The direction that a rule makes of gradients, and what it found about them. */
export interface Aggregate {
  readonly rule: AggregationRule;
  /** N numbers. */
  readonly direction: Float64Array;
  /** Where the direction is Σ weights[i]·gradients[i]: of each worker, 0 for those that do not count. */
  readonly weights?: Float64Array;
  /** Of the flag aggregator: share of the squared norm of each gradient in the subspace; NaN where the gradient is 0 or excluded. */
  readonly explained?: Float64Array;
  /** Of the flag aggregator: dimensions of the subspace. */
  readonly dimension?: number;
  /** Of Krum and Multi-Krum: sum of squared distances from the nearest gradients; NaN for excluded ones. */
  readonly scores?: Float64Array;
  /** Of Krum, Multi-Krum and Bulyan: workers in the order of selection. */
  readonly selected?: readonly number[];
  /** Workers whose gradients are not finite, or have a norm beyond 10¹⁵⁴ if the rule uses norms: they do not count, and are among the f faulty ones. */
  readonly excluded: readonly number[];
  /** Workers whose gradients are 0, where the rule leaves these out. */
  readonly zero: readonly number[];
  /** Of iterative rules: passes, why they ended, and the certificate. */
  readonly iterations?: number;
  readonly status?: Status;
  readonly certificate?: Certificate;
}

/** What a rule makes of inner products: a combination, or the columns to go on with. */
type Combination = Omit<Aggregate, 'rule' | 'direction' | 'excluded' | 'zero'> & { readonly zero?: readonly number[] };

/** What a rule makes of inner products. If the direction is that of a rule of norms, `as` names it, so that both give the same bits. */
type GramCombination = Combination & { readonly as?: AggregationRule };

const given = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as Partial<T>;

/** Rules whose direction follows from the inner products of the gradients. */
const gramRules: Readonly<Partial<Record<AggregationRule, (K: Float64Array, settings: Settings) => GramCombination>>> =
  {
    flag: (K, { m, lambda, scale, iterations = 5 }) => {
      const { point, ...rest } = run(flagIterates(K, given({ m, lambda, scale })), {
        maxIter: iterations,
        tol: FLAG_TOLERANCE,
      });
      const { status, certificate, iterations: passes } = rest;
      const { rank, ...found } = point;
      const whole = found.dimension === rank;
      return { ...found, status, certificate, iterations: passes, ...(whole && { as: 'normalized-mean' }) };
    },
    'geometric-median': (K, { iterations }) => {
      const { point, status, certificate, iterations: passes } = geometricMedianWeights(K, given({ iterations }));
      return { weights: point.weights, status, certificate, iterations: passes };
    },
    krum: (K, { p, f }) => krumOf(K, p, f, 1),
    'multi-krum': (K, { p, f, m }) => krumOf(K, p, f, Math.min(m ?? p - f - 2, p - f)),
    'centered-clipping': (K, { radius, iterations }) => ({
      weights: centeredClippingWeights(K, given({ radius, iterations })).weights,
    }),
    bulyan: (K, { p, f }) => ({ selected: bulyanSelection(K, p, f) }),
  };

/** Rules whose direction follows from the norms of the gradients. */
const normRules: Readonly<Partial<Record<AggregationRule, (norms: Float64Array, settings: Settings) => Combination>>> =
  {
    'normalized-mean': (norms, { scale }) => {
      const counted = norms.filter((norm) => norm > 0);
      const length = (scale === 'median-norm' && counted.length > 0 ? medianOf(counted) : 1) / counted.length;
      return {
        weights: norms.map((norm) => (norm > 0 ? length / norm : 0)),
        zero: Array.from(norms.keys()).filter((i) => norms[i] === 0),
      };
    },
  };

type Columns = readonly Gradient[];

/** Rules of single coordinates; false if a value or a result is not finite. */
const coordinateRules: Readonly<
  Partial<Record<AggregationRule, (columns: Columns, settings: Settings, out: Float64Array) => boolean>>
> = {
  median: (columns, _, out) => coordinateMedian(columns, out),
  'trimmed-mean': (columns, { f }, out) => trimmedMean(columns, f, out),
  meamed: (columns, { p, f }, out) => meanAround(columns, p - f, out),
  phocas: (columns, { p, f }, out) => meanAround(columns, p - f, out, f),
  bulyan: (columns, { f }, out) => meanAround(columns, columns.length - 2 * f, out),
  mean: (columns, _, out) => combine(columns, new Float64Array(columns.length).fill(1 / columns.length), out),
};

const where = 'aggregate';

/** The workers that are left, or an error if there are none. */
function left(workers: number, excluded: ReadonlySet<number>): number[] {
  const kept = Array.from({ length: workers }, (_, i) => i).filter((i) => !excluded.has(i));
  if (kept.length === 0) fail('NON_FINITE', `None of the ${workers} gradients is finite.`);
  return kept;
}

/** Values by position among the counted workers, as values of all. */
function spread(values: Float64Array | undefined, kept: readonly number[], workers: number, otherwise: number) {
  if (!values) return undefined;
  const out = new Float64Array(workers).fill(otherwise);
  kept.forEach((i, a) => {
    out[i] = values[a];
  });
  return out;
}

/**
 * Aggregates gradients of which every rank holds the same rows, those of `sums`; the direction has these rows. All that is
 * decided is decided alike on all ranks.
 */
function* aggregateRows(
  sums: RowSums,
  comm: Communicator,
  columns: Columns,
  options: AggregateOptions,
): Exchange<Aggregate> {
  const workers = columns.length;
  checkSettings(where, options, workers);
  const { rule = 'flag' } = options;
  const out = new Float64Array(columns[0].length);
  const fromGram = gramRules[rule];
  let [excluded, kept] = [[] as number[], left(workers, new Set())];
  let found: Combination = {};
  const fromNorms = normRules[rule];
  if (fromGram || fromNorms) {
    const K = fromGram && (yield* gramOf(sums, columns));
    const squares = K ? Float64Array.from(columns, (_, i) => K[i * workers + i]) : yield* squaresOf(sums, columns);
    excluded = kept.filter((i) => !Number.isFinite(squares[i]));
    kept = left(workers, new Set(excluded));
    const settings = settingsFor(where, options, workers, excluded.length);
    const norms = (of: Float64Array) => Float64Array.from(kept, (i) => Math.sqrt(Math.max(0, of[i])));
    if (K) {
      const { as, ...combination } = fromGram(partOfGram(K, workers, kept), settings);
      const same = as && normRules[as]!(norms(yield* squaresOf(sums, columns)), settings);
      found = same ? { ...combination, weights: same.weights } : combination;
    } else found = fromNorms!(norms(squares), settings);
  }
  const byCoordinate = coordinateRules[rule];
  if (!byCoordinate) {
    const weights = spread(found.weights, kept, workers, 0)!;
    if (!(yield* onAll(comm, combine(columns, weights, out)))) overflow(rule);
    return finished({ rule, direction: out, found: { ...found, weights }, excluded, kept, workers });
  }
  const apply = () => {
    const counted = (found.selected?.map((a) => kept[a]) ?? kept).map((i) => columns[i]);
    return byCoordinate(counted, settingsFor(where, options, workers, excluded.length), out);
  };
  if (!(yield* onAll(comm, apply()))) {
    const faulty = Float64Array.from(columns, (column) => (allFinite(column) ? 0 : 1));
    yield* comm.allReduce(faulty, 'max');
    excluded = Array.from(faulty.keys()).filter((i) => faulty[i] > 0);
    if (excluded.length === 0) overflow(rule);
    kept = left(workers, new Set(excluded));
    if (!(yield* onAll(comm, apply()))) overflow(rule);
  }
  const weights = rule === 'mean' ? new Float64Array(kept.length).fill(1 / kept.length) : undefined;
  return finished({
    ...{ rule, direction: out, excluded, kept, workers },
    found: weights ? { ...found, weights: spread(weights, kept, workers, 0)! } : found,
  });
}

function overflow(rule: AggregationRule): never {
  fail('NON_FINITE', `The ${aggregationRules[rule]} of the gradients is not finite; scale the gradients down.`);
}

/** Whether the condition holds on all ranks. */
function* onAll(comm: Communicator, own: boolean): Exchange<boolean> {
  const failing = Float64Array.of(own ? 0 : 1);
  yield* comm.allReduce(failing, 'max');
  return failing[0] === 0;
}

interface Found {
  readonly rule: AggregationRule;
  readonly direction: Float64Array;
  readonly found: Combination;
  readonly excluded: readonly number[];
  readonly kept: readonly number[];
  readonly workers: number;
}

function finished({ rule, direction, found, excluded, kept, workers }: Found): Aggregate {
  const { selected, zero, explained, scores, ...rest } = found;
  return {
    ...{ rule, direction, excluded },
    ...rest,
    ...(explained && { explained: spread(explained, kept, workers, Number.NaN) }),
    ...(scores && { scores: spread(scores, kept, workers, Number.NaN) }),
    ...(selected && { selected: selected.map((a) => kept[a]) }),
    zero: zero?.map((a) => kept[a]) ?? [],
  };
}

/** @throws EMPTY, INVALID_SHAPE. */
function checkGradients(gradients: Columns): void {
  if (gradients.length === 0) fail('EMPTY', 'There are no gradients to aggregate.');
  const [{ length }] = gradients;
  if (length === 0) fail('EMPTY', 'The gradients have no entries.');
  gradients.forEach((gradient, i) => {
    if (gradient.length !== length) {
      fail(
        'INVALID_SHAPE',
        `The gradient of worker ${i} has ${gradient.length} entries where that of worker 0 has ${length}.`,
      );
    }
  });
}

/**
 * Combines the gradients of p workers, up to f of which may be arbitrary, into one direction of N entries. Rules, with the sources of their definitions:
 * `mean`; `normalized-mean`, (1/p) Σ g_i / ‖g_i‖; `median` and `trimmed-mean` without the f smallest and the f largest
 * values of each coordinate (Yin, Chen, Kannan & Bartlett, ICML 2018); `meamed` and `phocas`, the mean of the p − f values nearest the median or the trimmed mean (Xie,
 * Koyejo & Gupta, 2018); `geometric-median` ({@link geometricMedianIterates}); `krum` and `multi-krum` ({@link krumWeights}); `bulyan`, the mean of the
 * p − 4f values nearest the median of the p − 2f gradients that iterated Krum selects (El Mhamdi, Guerraoui & Rouault, ICML 2018);
 * `centered-clipping` ({@link centeredClippingIterates}); and by default `flag` ({@link flagIterates}). Gradients that are not finite are left out,
 * recorded in `excluded`, and counted among the f faulty ones. Gradients that are 0 do not count for `flag` and `normalized-mean`.
 * Rules of inner products read the gradients twice, O(N p²); those of coordinates sort them in blocks, O(N p log² p).
 *
 * @example aggregate([[1, 2], [1.1, 1.9], [50, -80]], { rule: 'median' }).direction // 1.1, 1.9
 * @throws EMPTY without gradients or entries; INVALID_SHAPE for different lengths, with the worker; INVALID_PARAMETER for f ≥ p / 2, for fewer workers
 * than the rule needs (Krum f + 3, Bulyan 4f + 3), and for options; NON_FINITE if no gradient is finite, or the direction is not.
 */
export function aggregate(gradients: Columns, options: AggregateOptions = {}): Aggregate {
  checkGradients(gradients);
  checkSettings(where, options, gradients.length);
  const columns = gradients.map((gradient) => (Array.isArray(gradient) ? Float64Array.from(gradient) : gradient));
  return complete(
    alone(function* (comm: Communicator) {
      const sums = yield* RowSums.over(comm, { rows: columns[0].length });
      return yield* aggregateRows(sums, comm, columns, options);
    }),
  );
}

/**
 * {@link aggregate} as a program in which each rank is a worker and holds its own gradient of N entries: an all-to-all gives every rank
 * a part of all gradients, inner products are summed over the parts, and an all-gather collects the direction, so that each rank sends
 * about 2N + p² numbers, no more than a ring all-reduce. All ranks return the result of `aggregate` for the gradients in the order of the ranks, with
 * the same bits. It protects from faulty gradients, not from ranks that compute other parts of the program falsely.
 * @throws as {@link aggregate}, on all ranks.
 */
export function* aggregateRanks(
  comm: Communicator,
  gradient: Float64Array,
  options: AggregateOptions = {},
): Exchange<Aggregate> {
  const { size, rank } = comm;
  const lengths = new Float64Array(size);
  yield* comm.allGather(Float64Array.of(gradient.length), lengths);
  checkGradients(Array.from(lengths, (length) => ({ length }) as Float64Array));
  checkSettings(where, options, size);
  const rows = gradient.length;
  const chunk = rowChunk(rows);
  const ranges = Array.from({ length: size }, (_, r) => rowsOfRank(rows, r, size, chunk));
  const most = ranges.reduce((max, [from, to]) => Math.max(max, to - from), 0);
  const out = new Float64Array(size * most);
  ranges.forEach(([from, to], r) => {
    out.set(gradient.subarray(from, to), r * most);
  });
  const come = new Float64Array(size * most);
  yield* comm.allToAll(out, come);
  const [first, end] = ranges[rank];
  const columns = Array.from({ length: size }, (_, i) => come.subarray(i * most, i * most + end - first));
  const sums = yield* RowSums.over(comm, { rows, chunk });
  const found = yield* aggregateRows(sums, comm, columns, options);
  const part = new Float64Array(most);
  part.set(found.direction);
  yield* comm.allGather(part, out);
  const direction = new Float64Array(rows);
  ranges.forEach(([from, to], r) => {
    direction.set(out.subarray(r * most, r * most + to - from), from);
  });
  return { ...found, direction };
}
