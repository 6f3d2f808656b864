import { qr, svd } from '@southwell/numerics/linalg';
import { DenseMatrix, type Random } from 'southwell';
import { type ParameterRange, type Subspace, selectBasisColumns } from 'southwell/optimisers';

/**
 * The projection error of r vectors of a kind, for a matrix with at least as many rows as columns: ‖G − GPᵀP‖²/‖G‖².
 */
export type Left = (G: DenseMatrix, r: number) => number;

/** The library's selection of cosines as in the optimiser, by the L1 norm. */
export const libraryChoice: Left = (G, r) => selectBasisColumns(G, r, { norm: 'l1' }).error;

export const kinds = ['svd', 'dct', 'random', 'first', 'fresh'] as const satisfies readonly Subspace[];
export type Kind = (typeof kinds)[number];
export const names: Readonly<Record<Kind | 'axes', string>> = {
  axes: 'best aligned axes',
  svd: 'singular vectors',
  dct: 'best aligned cosines',
  random: 'best aligned of a random basis',
  first: 'first cosines',
  fresh: 'fresh random vectors',
};

/** For orthonormal rows. */
function leftBy(G: DenseMatrix, P: DenseMatrix): number {
  const { rows: n, cols: m, data } = G;
  let [all, seen] = [0, 0];
  for (const v of data) all += v * v;
  const dots = new Float64Array(n);
  for (let k = 0; k < P.rows; k++) {
    dots.fill(0);
    for (let j = 0; j < m; j++) {
      const p = P.data[k + j * P.rows];
      for (let i = 0; i < n; i++) dots[i] += data[i + j * n] * p;
    }
    for (const dot of dots) seen += dot * dot;
  }
  return all > 0 ? 1 - seen / all : 0;
}

/** The minimum over any r vectors, by singular values. */
function leftByLeading(G: DenseMatrix, r: number): number {
  const squares = Array.from(svd(G, { vectors: false }).singularValues, (s) => s * s);
  const all = squares.reduce((a, b) => a + b, 0);
  return all > 0 ? squares.slice(r).reduce((a, b) => a + b, 0) / all : 0;
}

/** The first r cosines by their formula. */
const firstCosines = (r: number, m: number): DenseMatrix =>
  DenseMatrix.fromRows(
    Array.from({ length: r }, (_, k) =>
      Array.from(
        { length: m },
        (__, j) => Math.sqrt((k === 0 ? 1 : 2) / m) * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * m)),
      ),
    ),
  );

/** Orthonormal rows of n numbers in random directions. */
export function randomRows(r: number, n: number, random: Random): DenseMatrix {
  const values = Float64Array.from({ length: n * r }, () => random.normal());
  const factor = qr(DenseMatrix.fromColumnMajor(values, n, r));
  const Q = factor.thinQ();
  factor.free();
  return DenseMatrix.fromRowMajor(Q.data, r, n);
}

/** The kinds that are compared for the same gradients. */
export const sameKinds = [...kinds, 'axes'] as const;
export type SameKind = (typeof sameKinds)[number];

/** The projection error for every kind; `choice` is that of selected cosines. */
export function leftByKind(
  choice: Left,
  width: number,
  rank: number,
  random: Random,
): Readonly<Record<SameKind, Left>> {
  const basis = randomRows(width, width, random);
  const axes = DenseMatrix.fromRows(
    Array.from({ length: width }, (_, i) => Array.from({ length: width }, (__, j) => Number(i === j))),
  );
  const first = firstCosines(rank, width);
  return {
    svd: leftByLeading,
    dct: choice,
    axes: (G, r) => selectBasisColumns(G, r, { basis: axes, norm: 'l1' }).error,
    random: (G, r) => selectBasisColumns(G, r, { basis, norm: 'l1' }).error,
    first: (G) => leftBy(G, first),
    fresh: (G, r) => leftBy(G, randomRows(r, width, random)),
  };
}

/** The gradients of the matrices in blocks, transposed so that columns are the smaller side. */
export function* matricesOf(gradient: Float32Array, ranges: readonly ParameterRange[]): Generator<DenseMatrix> {
  for (const { from, to, shape, orthogonal } of ranges) {
    if (shape!.length < 2 || !orthogonal) continue;
    const [n, m] = shape!;
    const own = Float64Array.from(gradient.subarray(from, to));
    yield n >= m ? DenseMatrix.fromRowMajor(own, n, m) : DenseMatrix.fromColumnMajor(own, m, n);
  }
}
