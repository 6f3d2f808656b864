/** Machine-readable error code; `message` is meant for people. */
export type ErrorCode =
  | 'INVALID_PARAMETER'
  | 'INVALID_SHAPE'
  | 'NON_FINITE'
  | 'INVALID_TARGET'
  | 'EMPTY'
  | 'SINGULAR'
  | 'NOT_SUPPORTED'
  | 'INVALID_FORMAT'
  | 'FILE'
  | 'NUMERICAL'
  | 'OBJECTIVE'
  /**
   * In programs on several ranks: the ranks requested different collective operations, or one of them contributed a
   * value that is not a number.
   */
  | 'MISMATCH'
  /** In programs on several ranks: some ranks no longer respond. */
  | 'NO_ANSWER';

/** The error class of the library. Messages say what is wrong, where, and how to fix it. */
export class SouthwellError extends Error {
  override readonly name = 'SouthwellError';
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** @throws SouthwellError. */
export function fail(code: ErrorCode, message: string): never {
  throw new SouthwellError(code, message);
}

/** The candidate closest to `name` in edit distance, if it is close enough to be suggested. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  // At least one character must match; otherwise a one-letter name would be close to every other.
  let bestDistance = Math.min(Math.max(2, Math.floor(name.length / 3)) + 1, Math.max(name.length, 1));
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      current[j] = Math.min(
        previous[j] + 1,
        current[j - 1] + 1,
        previous[j - 1] + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1),
      );
    }
    previous = current;
  }
  return previous[b.length];
}
