import { CscMatrix, checkFinite } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, SouthwellError, wholeNumber } from '../../core/index.ts';
import type { Preconditioner } from '../../operators/index.ts';
import { asymmetry, square } from '../rows.ts';
import type { TriangularPair } from '../triangularPair.ts';
import { incompleteCholesky } from './incompleteCholesky.ts';
import { incompleteLu } from './incompleteLu.ts';

export interface AdditiveSchwarzOptions {
  /**
   * The number of subdomains, which are grown along the entries of A, or the rows of each, from 0. Default: one per 500
   * rows.
   */
  readonly subdomains?: number | ReadonlyArray<ArrayLike<number>>;
  /** Layers of neighbours by which a subdomain is extended. Default 1. */
  readonly overlap?: number;
  /**
   * Restricted Schwarz: each row takes its value from its own subdomain only; fewer steps, but not symmetric (Cai and
   * Sarkis 1999). Default false.
   */
  readonly restricted?: boolean;
}

const keys: OptionKeys<AdditiveSchwarzOptions> = { subdomains: true, overlap: true, restricted: true };

interface Part {
  /** The subdomain's own rows come first. */
  readonly rows: Int32Array;
  readonly own: number;
  readonly factor: TriangularPair;
}

/**
 * Additive Schwarz: the sum of exact solves on overlapping subdomains, by sparse factorisations without row exchanges,
 * in the order in which the subdomains were grown. Symmetric positive definite if A is, unless `restricted`. Set-up
 * takes O(entries) and the factorisations.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; SINGULAR if a subdomain has a zero pivot.
 */
export function additiveSchwarz(
  A: CscMatrix,
  options: AdditiveSchwarzOptions = {},
): Preconditioner & { readonly subdomains: number; free(): void } {
  knownKeys('additiveSchwarz', options, keys);
  const { overlap = 1, restricted = false } = options;
  wholeNumber('overlap', overlap, 0);
  const n = square(A);
  checkFinite(A, 'A');
  const neighbours = adjacency(A);
  const owned = subdomainsOf(n, neighbours, options.subdomains ?? Math.ceil(n / 500));
  let positive = asymmetry(A) === undefined;
  const local = new Int32Array(n).fill(-1);
  const parts: Part[] = [];
  const free = () => {
    for (const { factor } of parts) factor.free();
  };
  try {
    for (const own of owned) {
      const rows = grow(own, overlap, neighbours, local);
      const block = submatrix(A, rows, local);
      const exact = positive ? cholesky(block) : undefined;
      positive &&= exact !== undefined;
      parts.push({
        rows,
        own: own.length,
        factor: exact ?? incompleteLu(block, { fill: rows.length, dropTolerance: 0 }),
      });
      block.free();
    }
  } catch (error) {
    free();
    throw error;
  }
  const most = parts.reduce((size, { rows }) => Math.max(size, rows.length), 0);
  const [input, output] = [new Float64Array(most), new Float64Array(most)];
  return {
    size: n,
    symmetric: positive && !restricted,
    subdomains: parts.length,
    apply(r, z) {
      z.fill(0);
      for (const { rows, own, factor } of parts) {
        const k = rows.length;
        for (let a = 0; a < k; a++) input[a] = r[rows[a]];
        factor.apply(input.subarray(0, k), output.subarray(0, k));
        for (let a = 0; a < (restricted ? own : k); a++) z[rows[a]] += output[a];
      }
    },
    free,
  };
}

/** The exact factor; undefined if the block is not positive definite. */
function cholesky(block: CscMatrix): TriangularPair | undefined {
  try {
    const factor = incompleteCholesky(block, { fill: block.rows, dropTolerance: 0 });
    if (factor.shift === 0) return factor;
    factor.free();
  } catch (error) {
    if (!(error instanceof SouthwellError)) throw error;
  }
  return undefined;
}

/** Rows that are coupled by an entry, in either direction. */
function adjacency(A: CscMatrix): { pointers: Int32Array; list: Int32Array } {
  const { cols: n, colPointers, rowIndices } = A;
  const pointers = new Int32Array(n + 1);
  for (let j = 0; j < n; j++) {
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
      pointers[j + 1]++;
      pointers[rowIndices[e] + 1]++;
    }
  }
  for (let i = 0; i < n; i++) pointers[i + 1] += pointers[i];
  const next = pointers.slice(0, n);
  const list = new Int32Array(pointers[n]);
  for (let j = 0; j < n; j++) {
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
      list[next[j]++] = rowIndices[e];
      list[next[rowIndices[e]]++] = j;
    }
  }
  return { pointers, list };
}

type Neighbours = ReturnType<typeof adjacency>;

/**
 * A partition of the rows: as given, or grown by breadth-first search, each subdomain starting where the previous one
 * stopped.
 */
function subdomainsOf(
  n: number,
  { pointers, list }: Neighbours,
  given: number | ReadonlyArray<ArrayLike<number>>,
): number[][] {
  if (typeof given !== 'number') {
    const seen = new Uint8Array(n);
    for (const rows of given) {
      for (let a = 0; a < rows.length; a++) {
        const i = rows[a];
        if (!(Number.isInteger(i) && i >= 0 && i < n))
          fail('INVALID_PARAMETER', `subdomains names row ${i + 1}, but A has ${n} rows.`);
        if (seen[i]++)
          fail('INVALID_PARAMETER', `subdomains contains row ${i + 1} twice; overlap is added automatically.`);
      }
    }
    const missing = seen.indexOf(0);
    if (missing >= 0) fail('INVALID_PARAMETER', `subdomains omits row ${missing + 1}; every row must be in one.`);
    return given.map((rows) => Array.from(rows)).filter((rows) => rows.length > 0);
  }
  if (n > 0) wholeNumber('subdomains', given, 1, n);
  const taken = new Uint8Array(n);
  const out: number[][] = [];
  let [left, seed, lowest] = [n, 0, 0];
  for (let k = 0; left > 0; k++) {
    const size = Math.ceil(left / Math.max(1, given - k));
    const rows: number[] = [];
    let at = 0;
    while (rows.length < size) {
      if (at === rows.length) {
        // A new seed: where the previous subdomain stopped, or the first remaining row.
        while (lowest < n && taken[lowest]) lowest++;
        const start = taken[seed] ? lowest : seed;
        taken[start] = 1;
        rows.push(start);
        continue;
      }
      const i = rows[at++];
      for (let e = pointers[i]; e < pointers[i + 1] && rows.length < size; e++) {
        if (!taken[list[e]]) {
          taken[list[e]] = 1;
          rows.push(list[e]);
        }
      }
    }
    left -= rows.length;
    // Continues at the first adjacent row next to where the subdomain began, which keeps subdomains round.
    for (const i of rows) {
      let found = false;
      for (let e = pointers[i]; e < pointers[i + 1] && !found; e++)
        if (!taken[list[e]]) [seed, found] = [list[e], true];
      if (found) break;
    }
    out.push(rows);
  }
  return out;
}

/** The rows with the given number of layers of neighbours; `local` then has their positions. */
function grow(own: readonly number[], layers: number, { pointers, list }: Neighbours, local: Int32Array): Int32Array {
  const rows = [...own];
  rows.forEach((i, a) => {
    local[i] = a;
  });
  let from = 0;
  for (let layer = 0; layer < layers; layer++) {
    const end = rows.length;
    for (; from < end; from++) {
      for (let e = pointers[rows[from]]; e < pointers[rows[from] + 1]; e++) {
        if (local[list[e]] >= 0) continue;
        local[list[e]] = rows.length;
        rows.push(list[e]);
      }
    }
  }
  return Int32Array.from(rows);
}

/** The submatrix of A on these rows and columns; resets `local`. */
function submatrix(A: CscMatrix, rows: Int32Array, local: Int32Array): CscMatrix {
  const { colPointers, rowIndices, values } = A;
  const [at, across, entries]: [number[], number[], number[]] = [[], [], []];
  rows.forEach((j, b) => {
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
      const a = local[rowIndices[e]];
      if (a < 0) continue;
      at.push(a);
      across.push(b);
      entries.push(values[e]);
    }
  });
  for (const i of rows) local[i] = -1;
  return CscMatrix.fromTriplets(rows.length, rows.length, at, across, entries);
}
