import type { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { gramMatrix, matrixProduct, symmetricEigen } from '@southwell/numerics/linalg';
import { orthonormalise } from '../completion/factors.ts';
import type { Held } from './supervisedData.ts';

/** Maximum order of Gram matrices that are diagonalised; for larger ones, subspace iteration is used. */
const DENSE = 80;
const OVERSAMPLING = 4;
const PASSES = 60;

/** F and V of the best approximation F·Vᵀ of R of the given rank, columns in order of decreasing singular values. */
export class LowRankProjection {
  private readonly work: DenseMatrix | undefined;
  private readonly Q: DenseMatrix | undefined;
  private readonly RQ: DenseMatrix | undefined;
  private readonly gram: DenseMatrix | undefined;
  private readonly rotation: DenseMatrix | undefined;
  private started = false;

  constructor(
    private readonly R: DenseMatrix,
    private readonly V: DenseMatrix,
    private readonly F: DenseMatrix,
    private readonly random: Random,
    held: Held,
  ) {
    const { rows, cols } = R;
    if (cols <= DENSE) this.gram = held.create(cols, cols);
    else {
      const k = Math.min(cols, V.cols + OVERSAMPLING);
      this.Q = held.create(cols, k);
      this.RQ = held.create(rows, k);
      this.work = held.create(k, k);
      this.rotation = held.create(k, k);
    }
  }

  /** The initial subspace of the next projection, if projections are iterative. */
  subspace(): Float64Array | undefined {
    return this.started ? this.Q?.data.slice() : undefined;
  }

  restore(subspace: Float64Array | undefined): void {
    if (!subspace) return;
    this.Q!.data.set(subspace);
    this.started = true;
  }

  project(): void {
    const { R, V, F, gram } = this;
    if (gram) {
      gramMatrix(R, gram);
      takeLeading(gram.data.slice(), gram.rows, V);
    } else this.iterate();
    matrixProduct(R, V, F);
  }

  /** Subspace iteration with Rayleigh–Ritz, from the previous subspace. */
  private iterate(): void {
    const { R, V, random } = this;
    const [Q, RQ, work, rotation] = [this.Q!, this.RQ!, this.work!, this.rotation!];
    const k = Q.cols;
    let last: Float64Array | undefined;
    for (let pass = 0; pass < PASSES; pass++) {
      if (this.started) {
        matrixProduct(R, Q, RQ);
        matrixProduct(R, RQ, Q, { transA: true });
      } else for (let i = 0; i < Q.data.length; i++) Q.data[i] = random.normal();
      this.started = true;
      const flat = toRows(Q);
      orthonormalise(flat, k, random);
      copyRowsInto(flat, Q);
      matrixProduct(R, Q, RQ);
      gramMatrix(RQ, work);
      takeLeading(work.data.slice(), k, rotation);
      const turned = toRows(Q);
      rotateRows(turned, k, rotation);
      copyRowsInto(turned, Q);
      const now = Q.data.slice(0, V.data.length);
      // Eigenvectors are unique only up to rotation and sign, so subspaces are compared.
      const moved = last ? subspaceDistance(last, now, Q.rows, V.cols) : 1;
      last = now;
      if (moved < 1e-10) break;
    }
    V.data.set(Q.data.subarray(0, V.data.length));
  }
}

/** ‖now − last·lastᵀ·now‖ of orthonormal columns. */
function subspaceDistance(last: Float64Array, now: Float64Array, n: number, k: number): number {
  let rest = 0;
  for (let j = 0; j < k; j++) {
    const v = now.slice(j * n, j * n + n);
    for (let i = 0; i < k; i++) {
      let dot = 0;
      for (let s = 0; s < n; s++) dot += last[i * n + s] * now[j * n + s];
      for (let s = 0; s < n; s++) v[s] -= dot * last[i * n + s];
    }
    for (const x of v) rest += x * x;
  }
  return Math.sqrt(rest);
}

/** The eigenvectors of the largest eigenvalues of a symmetric matrix, as columns of `out`. */
function takeLeading(gram: Float64Array, n: number, out: DenseMatrix): void {
  const { values, vectors } = symmetricEigen(gram, n);
  const order = Array.from(values.keys()).sort((x, y) => values[y] - values[x]);
  for (let k = 0; k < out.cols; k++) for (let i = 0; i < n; i++) out.data[k * n + i] = vectors[i * n + order[k]];
}

/** Row-major values, as the functions for factors expect. */
function toRows(M: DenseMatrix): Float64Array {
  const { rows, cols, data } = M;
  const out = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) out[i * cols + j] = data[j * rows + i];
  return out;
}

/** Copies row-major values into a matrix. */
export function copyRowsInto(values: Float64Array, M: DenseMatrix): void {
  const { rows, cols, data } = M;
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) data[j * rows + i] = values[i * cols + j];
}

/** f ← f·Z for column-major Z. */
function rotateRows(f: Float64Array, k: number, Z: DenseMatrix): void {
  const row = new Float64Array(k);
  for (let at = 0; at < f.length; at += k) {
    row.fill(0);
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) row[a] += f[at + b] * Z.data[a * k + b];
    f.set(row, at);
  }
}
