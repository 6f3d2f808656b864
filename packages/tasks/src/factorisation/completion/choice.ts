import type { Fits, Ranked } from './fits.ts';
import type { CompleteRequest } from './options.ts';
import type { CompletedMatrix } from './result.ts';

/** Candidates for λ, in multiples of the size of the values. */
const REGULARISATIONS = [0, 0.1, 0.5, 1.5, 4, 8, 12, 20];
/** Candidate ranks, up to what the matrix allows. */
const RANKS = [1, 2, 3, 5, 10];
/** If a tenth has fewer entries than this, ten-fold cross-validation is used. */
const LEAST = 5;
const PARTS = 10;
/**
 * Errors within this fraction of the size of the values, or of the smallest error, count as equal: the lower rank is
 * chosen.
 */
const EQUAL = { size: 1e-6, share: 1e-3 };

export type Tried = NonNullable<CompletedMatrix['tried']>[number];
export interface Chosen {
  readonly rank: number;
  readonly lambda?: number;
  readonly tried?: readonly Tried[];
  /** The validation scheme; `none` if no entries could be held out. */
  readonly chosenBy?: CompletedMatrix['chosenBy'];
}

interface Split {
  readonly train: Int32Array;
  readonly check: Int32Array;
}

/**
 * The requested rank and λ; for those not given, the candidates with the smallest validation error: on a tenth of the
 * entries, or for few entries by ten-fold cross-validation. `order` is a random order of the entries, whose first
 * `holdout` are not used.
 */
export function choose(request: CompleteRequest, fits: Fits, order: Int32Array): Chosen {
  const { rank, lambda, method } = request;
  const { rows, cols } = fits.entries;
  const most = Math.min(rows.length, cols.length);
  // For svt λ is a threshold, not a penalty weight, and determines the number of singular values.
  if (method === 'svt') return { rank: rank ?? Math.min(10, most), lambda };
  if (rank !== undefined && lambda !== undefined) return { rank, lambda };
  const free = order.slice(heldCount(request.holdout, order.length));
  const tenth = Math.floor(order.length / 10);
  const whole = tenth >= LEAST && free.length > tenth;
  const splits = whole ? [{ check: free.slice(0, tenth), train: free.slice(tenth) }] : partsOf(fits, free);
  const kept = splits.reduce((sum, { check }) => sum + check.length, 0);
  if (kept === 0) return { rank: rank ?? 1, lambda: lambda ?? 0, chosenBy: 'none' };
  const size = sizeOf(fits, whole ? splits[0].train : free, request.biases === true);
  const candidates = (rank === undefined ? RANKS.filter((r) => r <= most) : [rank]).flatMap((r) =>
    lambda === undefined
      ? REGULARISATIONS.map((share) => ({ rank: r, lambda: Number((share * size).toPrecision(3)) }))
      : [{ rank: r, lambda }],
  );
  const tried = errorsOf(candidates, request, fits, splits);
  return { ...bestOf(tried, size), tried, chosenBy: whole ? 'tenth' : 'parts' };
}

/** Number of entries, the first of a random order, that are held out and so have no part in a choice. */
export const heldCount = (holdout: number | undefined, entries: number): number =>
  holdout === undefined ? 0 : Math.max(1, Math.round(holdout * entries));

/** The root mean squared validation error of every candidate. */
function errorsOf(
  candidates: ReadonlyArray<{ readonly rank: number; readonly lambda: number }>,
  request: CompleteRequest,
  fits: Fits,
  splits: readonly Split[],
): Tried[] {
  const { resume, checkpoint } = fits.stage<Tried[]>('choice');
  const tried = [...(resume ?? [])];
  // All methods with λ minimise the same objective; this one is the fastest. With few entries it is run to convergence.
  const few = splits.length > 1;
  const short = { ...request, method: 'robust', maxIter: few ? 200 : 30, tol: few ? 1e-8 : 1e-4 } as const;
  const problems = new Map<string, ReturnType<Fits['prepare']>>();
  for (const { rank, lambda } of candidates.slice(tried.length)) {
    let [squares, count] = [0, 0];
    splits.forEach(({ train, check }, part) => {
      const key = `${rank} ${part}`;
      const title = 'choosing rank and lambda';
      const problem = problems.get(key) ?? fits.prepare(train, { ...short, rank } satisfies Ranked, { title });
      problems.set(key, problem);
      const fit = problem.solve(undefined, { lambda });
      fits.stopped();
      squares += fits.errorOn(fit, check) ** 2 * check.length;
      count += check.length;
    });
    tried.push({ rank, lambda, error: Math.sqrt(squares / count) });
    checkpoint?.save([...tried], tried.length);
  }
  return tried;
}

/** The candidate with the smallest error; among nearly equal errors, that of the lowest rank. */
function bestOf(tried: readonly Tried[], size: number): Pick<Tried, 'rank' | 'lambda'> {
  const smaller = (a: Tried, b: Tried) => (b.error < a.error || !Number.isFinite(a.error) ? b : a);
  const best = tried.reduce(smaller);
  const enough = best.error * (1 + EQUAL.share) + EQUAL.size * size;
  const lowest = Math.min(best.rank, ...tried.filter(({ error }) => error <= enough).map((t) => t.rank));
  const { rank, lambda } = tried.filter((t) => t.rank === lowest).reduce(smaller);
  return { rank, lambda };
}

/** Folds of the entries, without those that are the only ones in their row or column, which cannot be predicted. */
function partsOf({ entries: { row, col } }: Fits, free: Int32Array): Split[] {
  const parts = Math.min(PARTS, free.length);
  return Array.from({ length: parts }, (_, part): Split => {
    const train = free.filter((__, at) => at % parts !== part);
    const [rows, cols] = [new Set(train.map((e) => row[e])), new Set(train.map((e) => col[e]))];
    const check = free.filter((e, at) => at % parts === part && rows.has(row[e]) && cols.has(col[e]));
    return { train, check };
  }).filter(({ check, train }) => check.length > 0 && train.length > 0);
}

/** Root mean square of the values, or of their deviations from the mean if biases are subtracted. */
function sizeOf({ entries: { value } }: Fits, which: Int32Array, centred: boolean): number {
  const mean = centred ? average(which, value) : 0;
  return Math.sqrt(which.reduce((s, e) => s + (value[e] - mean) ** 2, 0) / which.length);
}

export const average = (which: Int32Array, values: Float64Array): number =>
  which.reduce((s, e) => s + values[e], 0) / which.length;
