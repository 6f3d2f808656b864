import { CscMatrix } from '@southwell/numerics/arrays';

export interface GridOptions {
  /** Diffusion in the second direction relative to the first. */
  readonly anisotropy?: number;
  /** Difference between an entry and its transpose: asymmetry. */
  readonly convection?: number;
  /** Added to the diagonal. */
  readonly shift?: number;
  /** Rows sum to 0 at the boundary too. */
  readonly neumann?: boolean;
}

/** A diffusion operator on a grid with this many nodes a side, by finite differences. */
export function gridMatrix(sides: readonly number[], options: GridOptions = {}): CscMatrix {
  const { anisotropy = 1, convection = 0, shift = 0, neumann = false } = options;
  const n = sides.reduce((a, b) => a * b, 1);
  const [rows, cols, values]: number[][] = [[], [], []];
  const put = (i: number, j: number, v: number) => {
    rows.push(i);
    cols.push(j);
    values.push(v);
  };
  for (let i = 0; i < n; i++) {
    let diagonal = shift;
    let stride = 1;
    sides.forEach((side, k) => {
      const weight = k === 1 ? anisotropy : 1;
      const at = Math.floor(i / stride) % side;
      const [down, up] = [at > 0, at < side - 1];
      diagonal += weight * (neumann ? Number(down) + Number(up) : 2);
      if (down) put(i, i - stride, -weight - convection);
      if (up) put(i, i + stride, -weight + convection);
      stride *= side;
    });
    put(i, i, diagonal);
  }
  return CscMatrix.fromTriplets(n, n, rows, cols, values);
}
