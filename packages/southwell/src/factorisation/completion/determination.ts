import { checkOptions, fail, flagOption, type OptionsOf, Random } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';
import type { Factors } from './alternating.ts';
import { tallSvd } from './factors.ts';

/** Positions of the observed entries of a matrix, in any order, each once. */
export interface Pattern {
  readonly rows: number;
  readonly cols: number;
  readonly row: ArrayLike<number>;
  readonly col: ArrayLike<number>;
}

/** Which entries of a completed matrix are uniquely determined by the observed ones. */
export interface Determination {
  /**
   * The test used. `jacobian`: whether some change of the factors that preserves every observed entry changes the
   * entry. `counts`: only a necessary condition, for large matrices: enough entries in its row and column, which must
   * be connected.
   */
  readonly test: 'jacobian' | 'counts';
  /** Number of unobserved entries that are not determined by the observed ones; a lower bound for `counts`. */
  readonly undetermined: number;
  determined(i: number, j: number): boolean;
  /** The same for a new row, from its code and its observed columns. */
  ofRow(code: ArrayLike<number>, seen: readonly number[]): (j: number) => boolean;
}

const determinationRecords = {
  /** Whether row and column biases are unknown, too. Default false. */
  biases: flagOption(),
};

export interface DeterminationOptions extends OptionsOf<typeof determinationRecords> {}

/** Maximum number of unknowns of the shorter side, and of multiply-adds, for the Jacobian test. */
const MOST_UNKNOWNS = 400;
const MOST_WORK = 5e8;
/**
 * Eigenvalues up to this fraction of the largest are treated as zero, and entries that change by less than MOVED as
 * fixed.
 */
const NULL = 1e-11;
const MOVED = 1e-4;

/**
 * Whether the observed entries determine the others in a completion of the given rank: an entry is determined if its
 * gradient with respect to the factors lies in the span of the gradients of the observed entries, at the solution and
 * at generic factors of the rank (Singer and Cucuringu 2010, "Uniqueness of low-rank matrix completion by rigidity
 * theory"). The solution accounts for zeros and other coincidences of the data, generic factors for completions of full
 * rank if the solution has a lower rank. This is local uniqueness. Ill-conditioned entries, which change by their own
 * size under a relative change of 1e-5 of the observed ones, count as undetermined. With `biases`, row and column
 * biases are unknowns like the factors. For large matrices, counts replace the Jacobian (see {@link Determination}).
 * O(rows · (cols · rank)² + (cols · rank)³) for the shorter side as cols; by counts O(entries + rows + cols).
 * @throws INVALID_SHAPE.
 */
export function determination(
  pattern: Pattern,
  factors: Factors,
  rank: number,
  options: DeterminationOptions = {},
): Determination {
  checkOptions('determination', determinationRecords, options);
  const { biases = false } = options;
  const { rows, cols } = pattern;
  if (factors.left.length !== rows * rank || factors.right.length !== cols * rank) {
    fail('INVALID_SHAPE', `The factors do not have the sizes of a ${rows} × ${cols} matrix of rank ${rank}.`);
  }
  const width = rank + (biases ? 1 : 0);
  const counts = new Counts(pattern, width);
  const turned = cols > rows;
  const [many, few] = turned ? [cols, rows] : [rows, cols];
  const unknowns = few * width;
  if (unknowns > MOST_UNKNOWNS || many * unknowns ** 2 > MOST_WORK) return counts;
  const p = turned ? { rows: cols, cols: rows, row: pattern.col, col: pattern.row } : pattern;
  const random = new Random(0);
  // Absolute values between 1 and 2, so that products along long chains of entries neither underflow nor overflow.
  const generic = (n: number) =>
    Float64Array.from({ length: n * rank }, () => (1 + random.uniform()) * (random.uniform() < 0.5 ? -1 : 1));
  const tangents = [
    turned ? [factors.right, factors.left] : [factors.left, factors.right],
    [generic(many), generic(few)],
  ].map(([left, right]) => new Tangents(p, vectors(left, rank, biases), vectors(right, rank, biases), width));
  const free = new Uint8Array(many * few);
  for (const tangent of tangents) tangent.mark(free);
  let undetermined = free.reduce((sum, v) => sum + v, 0);
  for (let e = 0; e < p.row.length; e++) undetermined -= free[p.row[e] * few + p.col[e]];
  return {
    test: 'jacobian',
    undetermined,
    determined: (i, j) => free[turned ? j * few + i : i * few + j] === 0,
    ofRow: (code, seen) => {
      // New rows belong to the eliminated side, for which only counts are available.
      if (turned) return counts.ofRow(code, seen);
      const own = Float64Array.from({ length: width }, (_, a) => (a < rank ? code[a] : 1));
      const some = Float64Array.from({ length: width }, (_, a) => (a < rank ? generic(1)[0] : 1));
      const moved = [tangents[0].movedRow(own, seen), tangents[1].movedRow(some, seen)];
      return (j) => moved.every((row) => row[j] === 0);
    },
  };
}

/** Rows of a factor, each extended by a 1 if there are biases. */
function vectors(factor: Float64Array, rank: number, biases: boolean): Float64Array {
  if (!biases) return factor.slice();
  const width = rank + 1;
  return Float64Array.from({ length: (factor.length / rank) * width }, (_, at) =>
    at % width < rank ? factor[Math.floor(at / width) * rank + (at % width)] : 1,
  );
}

/** Pseudoinverse of a symmetric matrix, and an orthonormal basis of its kernel, by rows. */
function pseudoInverse(
  A: Float64Array,
  q: number,
): { readonly inverse: Float64Array; readonly kernel: Float64Array[] } {
  const { values, vectors } = symmetricEigen(A, q);
  const largest = values.reduce((m, v) => Math.max(m, v), 0);
  const inverse = new Float64Array(q * q);
  const kernel: Float64Array[] = [];
  for (let a = 0; a < q; a++) {
    const vector = Float64Array.from({ length: q }, (_, b) => vectors[b * q + a]);
    if (!(values[a] > NULL * largest)) {
      kernel.push(vector);
      continue;
    }
    for (let b = 0; b < q; b++) for (let c = 0; c < q; c++) inverse[b * q + c] += (vector[b] * vector[c]) / values[a];
  }
  return { inverse, kernel };
}

/** The freedom of a data row given its observed entries. */
interface Row {
  readonly u: Float64Array;
  readonly seen: readonly number[];
  readonly inverse: Float64Array;
  readonly kernel: readonly Float64Array[];
}

/**
 * Changes du, dv of the row and column vectors that satisfy du_i·v_j + u_i·dv_j = 0 for every observed (i, j). The row
 * vectors are eliminated, which leaves Σ_i P_i ⊗ u_i u_iᵀ for the column vectors, where P_i projects onto the
 * orthogonal complement of the v_j observed in row i. Rotating and scaling the vectors changes the unknowns, but not
 * which entries are fixed.
 */
class Tangents {
  private readonly rows: readonly Row[];
  private readonly v: Float64Array;
  /** An orthonormal basis of the changes of the column vectors, each cols × q by rows. */
  private readonly moves: readonly Float64Array[];
  private readonly turn: (u: Float64Array) => void;

  constructor(
    private readonly pattern: Pattern,
    u: Float64Array,
    v: Float64Array,
    private readonly q: number,
  ) {
    const { rows, cols } = pattern;
    const scales = unitColumns(u, q);
    const { sizes, Z } = tallSvd(u, q);
    this.turn = (w) => {
      const from = w.map((x, a) => x * scales[a]);
      for (let a = 0; a < q; a++) {
        w[a] = 0;
        for (let b = 0; b < q; b++) w[a] += sizes[a] > 0 ? (from[b] * Z[b * q + a]) / sizes[a] : 0;
      }
    };
    unitColumns(v, q);
    tallSvd(v, q);
    for (const f of [u, v]) for (let at = 0; at < f.length; at += q) normalise(f.subarray(at, at + q));
    this.v = v;
    const seen = Array.from({ length: rows }, (): number[] => []);
    for (let e = 0; e < pattern.row.length; e++) seen[pattern.row[e]].push(pattern.col[e]);
    this.rows = seen.map((list, i) => this.rowOf(u.subarray(i * q, i * q + q), list));
    const n = cols * q;
    const S = new Float64Array(n * n);
    for (const row of this.rows) this.constrain(S, n, row);
    const { values, vectors } = symmetricEigen(S, n);
    const largest = values.reduce((m, x) => Math.max(m, x), 0);
    this.moves = Array.from(values.keys())
      .filter((t) => !(values[t] > NULL * largest))
      .map((t) => Float64Array.from({ length: n }, (_, b) => vectors[b * n + t]));
  }

  private rowOf(u: Float64Array, seen: readonly number[]): Row {
    const { q, v } = this;
    const A = new Float64Array(q * q);
    for (const j of seen) {
      for (let a = 0; a < q; a++) for (let b = 0; b < q; b++) A[a * q + b] += v[j * q + a] * v[j * q + b];
    }
    return { u, seen, ...pseudoInverse(A, q) };
  }

  private constrain(S: Float64Array, n: number, { u, seen, inverse }: Row): void {
    const { q, v } = this;
    for (const j of seen) {
      for (const l of seen) {
        let weight = j === l ? 1 : 0;
        for (let a = 0; a < q; a++) {
          for (let b = 0; b < q; b++) weight -= v[j * q + a] * inverse[a * q + b] * v[l * q + b];
        }
        for (let a = 0; a < q; a++) {
          for (let b = 0; b < q; b++) S[(j * q + a) * n + l * q + b] += weight * u[a] * u[b];
        }
      }
    }
  }

  /** Sets `out` to 1 for every column in which the row can change. */
  private moved({ u, seen, inverse, kernel }: Row, out: Uint8Array): void {
    const { q, v, pattern } = this;
    const squares = new Float64Array(pattern.cols);
    for (const direction of kernel) {
      for (let j = 0; j < squares.length; j++) squares[j] += dot(direction, 0, v, j * q, q) ** 2;
    }
    const pull = new Float64Array(q);
    const du = new Float64Array(q);
    for (const move of this.moves) {
      pull.fill(0);
      for (const j of seen) {
        const size = dot(u, 0, move, j * q, q);
        for (let a = 0; a < q; a++) pull[a] -= size * v[j * q + a];
      }
      for (let a = 0; a < q; a++) du[a] = dot(inverse, a * q, pull, 0, q);
      for (let j = 0; j < squares.length; j++) {
        squares[j] += (dot(du, 0, v, j * q, q) + dot(u, 0, move, j * q, q)) ** 2;
      }
    }
    for (let j = 0; j < squares.length; j++) if (squares[j] > MOVED * MOVED) out[j] = 1;
  }

  /** Sets `out` (rows × cols, by rows) to 1 for every entry that can change. */
  mark(out: Uint8Array): void {
    const { cols } = this.pattern;
    this.rows.forEach((row, i) => {
      this.moved(row, out.subarray(i * cols, i * cols + cols));
    });
  }

  /** The same for a new row with this vector, which is transformed like the others. */
  movedRow(u: Float64Array, seen: readonly number[]): Uint8Array {
    this.turn(u);
    normalise(u);
    const out = new Uint8Array(this.pattern.cols);
    this.moved(this.rowOf(u, seen), out);
    return out;
  }
}

function dot(x: ArrayLike<number>, xa: number, y: ArrayLike<number>, ya: number, n: number): number {
  let sum = 0;
  for (let a = 0; a < n; a++) sum += x[xa + a] * y[ya + a];
  return sum;
}

/** Divides each of the q columns by its largest absolute value; returns the scale factors. */
function unitColumns(f: Float64Array, q: number): Float64Array {
  const scales = new Float64Array(q);
  for (let at = 0; at < f.length; at++) scales[at % q] = Math.max(scales[at % q], Math.abs(f[at]));
  for (let a = 0; a < q; a++) scales[a] = scales[a] > 0 ? 1 / scales[a] : 0;
  for (let at = 0; at < f.length; at++) f[at] *= scales[at % q];
  return scales;
}

function normalise(x: Float64Array): void {
  const length = Math.sqrt(dot(x, 0, x, 0, x.length));
  if (length > 0) for (let a = 0; a < x.length; a++) x[a] /= length;
}

/**
 * A necessary condition: row and column have at least as many entries as unknowns and belong to the same connected
 * component.
 */
class Counts implements Determination {
  readonly test = 'counts';
  readonly undetermined: number;
  private readonly rowParts: Int32Array;
  private readonly colParts: Int32Array;

  constructor(
    { rows, cols, row, col }: Pattern,
    private readonly least: number,
  ) {
    const degrees = new Int32Array(rows + cols);
    const parents = Int32Array.from(degrees, (_, i) => i);
    const root = (x: number): number => {
      let at = x;
      while (parents[at] !== at) at = parents[at] = parents[parents[at]];
      return at;
    };
    for (let e = 0; e < row.length; e++) {
      degrees[row[e]]++;
      degrees[rows + col[e]]++;
      parents[root(row[e])] = root(rows + col[e]);
    }
    const part = (x: number) => (degrees[x] >= least ? root(x) : -1);
    this.rowParts = Int32Array.from({ length: rows }, (_, i) => part(i));
    this.colParts = Int32Array.from({ length: cols }, (_, j) => part(rows + j));
    const inPart = new Map<number, number>();
    for (const at of this.colParts) if (at >= 0) inPart.set(at, (inPart.get(at) ?? 0) + 1);
    let open = rows * cols - row.length;
    for (const at of this.rowParts) if (at >= 0) open -= inPart.get(at) ?? 0;
    for (let e = 0; e < row.length; e++) if (this.determined(row[e], col[e])) open++;
    this.undetermined = open;
  }

  determined(i: number, j: number): boolean {
    return this.rowParts[i] >= 0 && this.rowParts[i] === this.colParts[j];
  }

  ofRow(_: ArrayLike<number>, seen: readonly number[]): (j: number) => boolean {
    const parts = new Map<number, number>();
    for (const j of seen) parts.set(this.colParts[j], (parts.get(this.colParts[j]) ?? 0) + 1);
    return (j) => this.colParts[j] >= 0 && (parts.get(this.colParts[j]) ?? 0) >= this.least;
  }
}
