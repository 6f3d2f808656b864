import { asNumber } from '../asNumber.ts';

/** Points beside x at which values are wanted: x with one coordinate moved, or points of their own. */
export interface ZoQuery {
  readonly x: Float64Array;
  readonly count: number;
  /** The coordinates that are moved, one at a time, and what they become. */
  readonly coords?: Int32Array;
  readonly moved?: Float64Array;
  /** Writes point k over `into`, which holds x. */
  point(k: number, into: Float64Array): void;
}

/** x with one coordinate moved at a time; a coordinate that stays where it is gives x. */
export const moving = (x: Float64Array, coords: Int32Array, moved: Float64Array): ZoQuery => ({
  ...{ x, count: coords.length, coords, moved },
  point(k, into) {
    into[coords[k]] = moved[k];
  },
});

/** The point alone. */
export const itself = (x: Float64Array): ZoQuery => moving(x, Int32Array.of(0), x.slice(0, 1));

/** The values of a query, one after the other. f gets a point of its own, so that nothing has to be undone in x. */
export function answer(f: (x: Float64Array) => number, query: ZoQuery): Float64Array {
  const at = new Float64Array(query.x.length);
  return Float64Array.from({ length: query.count }, (_, k) => {
    at.set(query.x);
    query.point(k, at);
    return asNumber(f(at));
  });
}

/**
 * The values of a query, up to `jobs` under way at a time; each in its place, whichever comes first.
 * @throws what f throws, the first of it; the signal's reason.
 */
export async function answerAsync(
  f: (x: Float64Array, signal?: AbortSignal) => unknown,
  query: ZoQuery,
  jobs: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const values = new Float64Array(query.count);
  // The first failure ends the others.
  const own = new AbortController();
  const end = () => own.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < query.count) {
      signal?.throwIfAborted();
      const k = next++;
      const at = query.x.slice();
      query.point(k, at);
      values[k] = asNumber(await f(at, own.signal));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, query.count) }, work));
  } catch (error) {
    next = query.count;
    own.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
  return values;
}
