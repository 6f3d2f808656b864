import { DenseMatrix } from '../arrays/index.ts';
import { largestOf, type Random, type SplitRows } from '../core/index.ts';
import {
  drawNormals,
  innerProducts,
  jacobiSvd,
  orthonormaliseRows,
  rowProduct,
  squaresOf,
  symmetricEigen,
} from '../linalg/index.ts';
import type { Operator } from '../operators/index.ts';

/** Contiguous orthonormal rows: the first `rows` of each column of the matrix. */
interface Panel {
  readonly matrix: DenseMatrix;
  rows: number;
}

/**
 * Number of rows of a panel into which narrow blocks are gathered; products with only a few rows at a time would be
 * memory-bound.
 */
const PANEL = 32;

/** A basis of a few orthonormal rows of length n, for {@link krylov} and {@link randomProjection}. */
export class BlockBasis {
  private readonly panels: Panel[] = [];

  constructor(
    private readonly A: Operator,
    private readonly random: Random,
    /** How the columns of the rows are distributed over ranks. */
    private readonly split: SplitRows,
  ) {}

  /** Number of rows. */
  get size(): number {
    return this.panels.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Takes ownership of a block as a panel. */
  adopt(B: DenseMatrix): void {
    this.panels.push({ matrix: B, rows: B.rows });
  }

  /** Appends a copy of a block. */
  append(B: DenseMatrix): void {
    let last = this.panels.at(-1);
    if (!last || last.rows + B.rows > last.matrix.rows) {
      last = { matrix: this.A.wide(Math.max(PANEL, B.rows), B.cols), rows: 0 };
      this.panels.push(last);
    }
    const [from, to, ld, b] = [B.data, last.matrix.data, last.matrix.rows, B.rows];
    for (let j = 0, at = last.rows; j < B.cols; j++, at += ld) for (let a = 0; a < b; a++) to[at + a] = from[j * b + a];
    last.rows += b;
  }

  /**
   * Projects the rows of B onto the orthogonal complement of the basis; `part` receives the coefficients, panel by
   * panel.
   */
  project(B: DenseMatrix, part?: (inner: DenseMatrix) => void): void {
    for (const { matrix: V, rows } of this.panels) {
      const inner = this.A.wide(B.rows, rows);
      innerProducts(B, V, inner, this.split);
      rowProduct(inner, V, B, this.split, { alpha: -1, beta: 1 });
      part?.(inner);
      inner.free();
    }
  }

  /**
   * Projects Z onto the orthogonal complement of the basis and writes the coefficients to T (leading dimension `ld`)
   * from row `from` on.
   */
  projectInto(T: Float64Array, ld: number, from: number, Z: DenseMatrix): void {
    let at = 0;
    this.project(Z, (inner) => {
      place(T, ld, inner, from, at);
      at += inner.cols;
    });
  }

  /**
   * Makes rows orthonormal and orthogonal to the basis. Two passes are enough (Giraud, Langou and Rozložník 2005)
   * unless almost nothing of a row lies outside the span of the basis: rows inside it are replaced by random ones, and
   * components along the basis that rounding or random rows introduced are removed too.
   */
  makeOrthonormal(B: DenseMatrix): void {
    const { random, split } = this;
    orthonormaliseRows(B, random, split);
    for (let pass = 0; pass < 5; pass++) {
      this.project(B);
      const left = renewRows(B, random, split);
      if (orthonormaliseRows(B, random, split) && left > 0.1) return;
    }
  }

  /** `count` linear combinations of the rows with the coefficients E, size × count, row-major. */
  combine(E: Float64Array, count: number): DenseMatrix {
    const n = this.panels[0].matrix.cols;
    const out = this.A.wide(count, n);
    let at = 0;
    for (const { matrix: V, rows } of this.panels) {
      const C = this.A.wide(count, rows);
      C.data.set(E.subarray(at * count, (at + rows) * count));
      rowProduct(C, V, out, this.split, { beta: at > 0 ? 1 : 0 });
      at += rows;
      C.free();
    }
    return out;
  }

  /** A copy of the rows of length n as a column-major matrix, for a basis that consists of one adopted block. */
  values(n: number): Float64Array {
    return this.panels[0]?.matrix.data.slice(0, this.size * n) ?? new Float64Array(0);
  }

  free(): void {
    for (const { matrix } of this.panels.splice(0)) matrix.free();
  }
}

/** Replaces rows at rounding level by random ones; returns the smallest row norm before that. */
function renewRows({ data, rows, cols }: DenseMatrix, random: Random, split: SplitRows): number {
  const squares = new Float64Array(rows);
  split.sum(squares, (_, from, to, part) => {
    for (let at = from * rows; at < to * rows; at++) part[at % rows] += data[at] * data[at];
  });
  const fresh = new Float64Array(cols);
  squares.forEach((square, a) => {
    if (!(square < 1e-24)) return;
    drawNormals(fresh, random, 1, split);
    for (let j = 0; j < cols; j++) data[j * rows + a] = fresh[j];
  });
  return Math.sqrt(squares.reduce((x, y) => Math.min(x, y)));
}

/** Writes `part` and its transpose to T (leading dimension `ld`) at row `i` and column `j`. */
export function place(T: Float64Array, ld: number, part: DenseMatrix, i: number, j: number): void {
  const { data, rows, cols } = part;
  for (let b = 0; b < cols; b++) {
    for (let a = 0; a < rows; a++) T[(i + a) * ld + j + b] = T[(j + b) * ld + i + a] = data[b * rows + a];
  }
}

/** The leading m × m part of T (leading dimension `ld`), divided by the largest value of T. */
export function leadingPart(T: Float64Array, ld: number, m: number): { G: Float64Array; largest: number } {
  const G = new Float64Array(m * m);
  const largest = T.reduce((x, y) => Math.max(x, Math.abs(y)), 0) || 1;
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) G[i * m + j] = T[i * ld + j] / largest;
  return { G, largest };
}

/**
 * The `count` leading eigenvalues and eigenvectors of the leading m × m part of T (leading dimension `ld`); the vectors
 * are m × count, row-major. O(m³).
 */
export function leadingVectors(
  T: Float64Array,
  ld: number,
  m: number,
  count: number,
): { E: Float64Array; values: Float64Array } {
  const { G, largest } = leadingPart(T, ld, m);
  const { values, vectors } = symmetricEigen(G, m);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const E = new Float64Array(m * count);
  for (let i = 0; i < m; i++) for (let a = 0; a < count; a++) E[i * count + a] = vectors[i * m + order[a]];
  return { E, values: Float64Array.from(order.slice(0, count), (j) => values[j] * largest) };
}

/** A power of two that keeps products of matrices of extreme magnitude in range; 1 otherwise. */
export function scaleOf(B: DenseMatrix, split: SplitRows): number {
  const { data } = B;
  const squares = squaresOf(B, split);
  if (squares <= 1e200 && squares >= 1e-200 * (split.all * B.rows)) return 1;
  let largest = 0;
  for (let at = 0; at < data.length; at++) largest = Math.max(largest, Math.abs(data[at]));
  largest = largestOf(split, largest);
  return largest > 1e100 || (largest > 0 && largest < 1e-100)
    ? 2 ** Math.max(-1000, Math.floor(Math.log2(largest)))
    : 1;
}

export function scaleBy({ data }: DenseMatrix, by: number): void {
  if (by !== 1) for (let at = 0; at < data.length; at++) data[at] *= by;
}

/** B = P diag(s) RᵀQ with orthonormal rows in Q (m × n, newly allocated); P and R are m × m, row-major, orthogonal. */
export function splitRows(B: DenseMatrix, random: Random, split: SplitRows) {
  const { rows: m, cols: n, arena } = B;
  const Q = DenseMatrix.create(m, n, { arena, fill: false });
  Q.data.set(B.data);
  orthonormaliseRows(Q, random, split);
  const L = DenseMatrix.create(m, m, { arena, fill: false });
  innerProducts(B, Q, L, split);
  const byRows = Float64Array.from({ length: m * m }, (_, at) => L.get(Math.floor(at / m), at % m));
  L.free();
  const { sizes, left, right } = jacobiSvd(byRows, m, m);
  const columns = (vectors: readonly Float64Array[]) =>
    Float64Array.from({ length: m * m }, (_, at) => vectors[at % m][Math.floor(at / m)]);
  return { P: columns(left), s: sizes, R: columns(right), Q };
}

/** A copy of the first `rows` rows of Z. */
export function firstRows(A: Operator, Z: DenseMatrix, rows: number): DenseMatrix {
  const out = A.wide(rows, Z.cols);
  const [source, target] = [Z.data, out.data];
  if (rows === Z.rows) target.set(source);
  else for (let j = 0; j < Z.cols; j++) target.set(source.subarray(j * Z.rows, j * Z.rows + rows), j * rows);
  return out;
}

export function fillNormal(B: DenseMatrix, random: Random, split: SplitRows): void {
  drawNormals(B.data, random, B.rows, split);
}

/** Z ← Z − CV with C = ZVᵀ, which is returned. */
export function takeOff(A: Operator, Z: DenseMatrix, V: DenseMatrix, split: SplitRows): DenseMatrix {
  const inner = A.wide(Z.rows, V.rows);
  innerProducts(Z, V, inner, split);
  rowProduct(inner, V, Z, split, { alpha: -1, beta: 1 });
  return inner;
}

/** The first rows of V. */
export function leadingRows(A: Operator, V: DenseMatrix, count: number): DenseMatrix {
  const out = A.wide(count, V.cols);
  const [from, to, k] = [V.data, out.data, V.rows];
  for (let j = 0; j < V.cols; j++) for (let a = 0; a < count; a++) to[j * count + a] = from[j * k + a];
  return out;
}

/** The smallest diagonal entry of a triangular block. */
export function leastPivot({ data, rows, cols }: DenseMatrix): number {
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0; a < Math.min(rows, cols); a++) least = Math.min(least, Math.abs(data[a * rows + a]));
  return least;
}

export function identity(m: number): Float64Array {
  const E = new Float64Array(m * m);
  for (let i = 0; i < m; i++) E[i * m + i] = 1;
  return E;
}
