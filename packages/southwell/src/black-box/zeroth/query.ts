import { asNumber } from '../asNumber.ts';

/** Points near x at which values are requested: x with one coordinate changed, or other points. */
export interface ZoQuery {
  readonly x: Float64Array;
  readonly count: number;
  /** The coordinates that are changed, one at a time, and their new values. */
  readonly coords?: Int32Array;
  readonly moved?: Float64Array;
  /** Writes point k to `into`, which contains x. */
  point(k: number, into: Float64Array): void;
}

/** x with one coordinate changed at a time; an unchanged coordinate gives x. */
export const moving = (x: Float64Array, coords: Int32Array, moved: Float64Array): ZoQuery => ({
  ...{ x, count: coords.length, coords, moved },
  point(k, into) {
    into[coords[k]] = moved[k];
  },
});

/** The point itself. */
export const itself = (x: Float64Array): ZoQuery => moving(x, Int32Array.of(0), x.slice(0, 1));

/** The values of a query, one after the other. f gets a copy of the point, so that x need not be restored. */
export function answer(f: (x: Float64Array) => number, query: ZoQuery): Float64Array {
  const at = new Float64Array(query.x.length);
  return Float64Array.from({ length: query.count }, (_, k) => {
    at.set(query.x);
    query.point(k, at);
    return asNumber(f(at));
  });
}

/**
 * The values of a query, with up to `jobs` concurrent evaluations; in the order of the points, whichever arrives first.
 * @throws the first error of f; the signal's reason.
 */
export async function answerAsync(
  f: (x: Float64Array, signal?: AbortSignal) => unknown,
  query: ZoQuery,
  jobs: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const values = new Float64Array(query.count);
  // The first failure cancels the others.
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
