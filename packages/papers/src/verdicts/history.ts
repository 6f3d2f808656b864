import type { Outcome } from '../experiment.ts';
import type { Size } from '../size.ts';

/**
 * The history of what a paper has locked (`history.json` in its folder): its first state and every change, with what had
 * been seen by then. Entries are written by `npm run lock`.
 */

export interface HistoryEntry {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly changes: readonly Change[];
  readonly why: string;
  /** The runs whose verdicts were known when the change was made. */
  readonly seen: readonly Seen[];
}

/** A change of one value; null stands for no value. */
export interface Change {
  /** JSON pointer (RFC 6901) into the locked file; "" is all of it. */
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

export interface Seen {
  readonly size: Size;
  readonly seeds: readonly number[];
  /** Number of seeds by outcome, for each claim. */
  readonly outcomes: Readonly<Record<string, Readonly<Partial<Record<Outcome, number>>>>>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const own = (object: Readonly<Record<string, unknown>>, key: string) =>
  Object.hasOwn(object, key) ? object[key] : null;
const escaped = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
const unescaped = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, k) => equal(v, b[k]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
  );
}

/** The changes that lead from one state to another: the smallest parts of objects that differ; lists are one value. */
export function changesBetween(was: unknown, is: unknown, path = ''): Change[] {
  if (!isObject(was) || !isObject(is)) return equal(was, is) ? [] : [{ path, was: was ?? null, is: is ?? null }];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
    changesBetween(own(was, key), own(is, key), `${path}/${escaped(key)}`),
  );
}

/**
 * The state after the changes of all entries, starting from null.
 * @throws RangeError if a change does not start from the state before it.
 */
export function replay(history: readonly HistoryEntry[]): unknown {
  let state: unknown = null;
  for (const { date, changes } of history) {
    for (const change of changes) state = changed(state, change, change.path.split('/').slice(1), date);
  }
  return state;
}

function changed(state: unknown, change: Change, [first, ...rest]: readonly string[], date: string): unknown {
  const { path, was, is } = change;
  if (first === undefined) {
    if (!equal(state ?? null, was))
      throw new RangeError(`The entry of ${date} changes ${path || 'all'} from what it was not.`);
    return is;
  }
  if (!isObject(state)) throw new RangeError(`The entry of ${date} changes ${path}, which does not exist.`);
  const key = unescaped(first);
  const value = changed(own(state, key), change, rest, date);
  const { [key]: _, ...others } = state;
  return value === null ? others : { ...state, [key]: value };
}

/** The parts of an entry that say which seeds it has seen, and for which claims. */
export interface SeenEntry {
  readonly changes: ReadonlyArray<Pick<Change, 'path'>>;
  readonly seen: ReadonlyArray<Pick<Seen, 'seeds'>>;
}

/**
 * For each claim the seeds that do not count: those whose verdicts had been seen when it was locked or changed. Changes of
 * a grid concern the claims for which it is read.
 */
export const seedsSeenOf = (
  { claims }: { readonly claims: ReadonlyArray<{ readonly id: string; readonly grids?: readonly string[] }> },
  history: readonly SeenEntry[],
): Record<string, number[]> =>
  Object.fromEntries(
    claims.map(({ id, grids = [] }) => {
      const places = [`/claims/${escaped(id)}`, ...grids.map((name) => `/grids/${escaped(name)}`)];
      const concerns = ({ path }: Pick<Change, 'path'>) =>
        ['', '/claims', '/grids'].includes(path) || places.some((at) => path === at || path.startsWith(`${at}/`));
      const seeds = history
        .filter((entry) => entry.changes.some(concerns))
        .flatMap((entry) => entry.seen.flatMap((s) => s.seeds));
      return [id, [...new Set(seeds)].sort((a, b) => a - b)];
    }),
  );
