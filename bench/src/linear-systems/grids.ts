import { CscMatrix } from '@southwell/numerics/arrays';

export interface Cell {
  readonly sides: readonly number[];
  readonly anisotropy?: number;
  readonly convection?: number;
  /** Powers of ten between the coefficients on the squares of a checkerboard. */
  readonly jumps?: number;
  /** Direct solvers only. */
  readonly direct?: true;
}

export const rightHandSide = (n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(1.3 * i) + 1);

/** A grid as its peers have it: indices increase fastest along the first side. */
export function gridSystem({ sides, anisotropy = 1, convection = 0, jumps = 0 }: Cell): CscMatrix {
  const n = sides.reduce((a, b) => a * b, 1);
  const most = n * (2 * sides.length + 1);
  const [rows, cols] = [new Int32Array(most), new Int32Array(most)];
  const values = new Float64Array(most);
  let at = 0;
  const put = (i: number, j: number, v: number) => {
    rows[at] = i;
    cols[at] = j;
    values[at++] = v;
  };
  const conducts = (i: number) => {
    let [stride, square] = [1, 0];
    for (const side of sides) {
      square += Math.floor(((Math.floor(i / stride) % side) * 8) / side);
      stride *= side;
    }
    return square % 2 === 0 ? 1 : 10 ** jumps;
  };
  for (let i = 0; i < n; i++) {
    let diagonal = 0;
    let stride = 1;
    for (const [k, side] of sides.entries()) {
      const place = Math.floor(i / stride) % side;
      for (const step of [-1, 1]) {
        const inside = place + step >= 0 && place + step < side;
        const other = i + step * stride;
        let weight = k === 1 ? anisotropy : 1;
        if (jumps) weight *= inside ? Math.sqrt(conducts(i) * conducts(other)) : conducts(i);
        diagonal += weight;
        if (inside) put(i, other, -weight + step * convection);
      }
      stride *= side;
    }
    put(i, i, diagonal);
  }
  return CscMatrix.fromTriplets(n, n, rows.subarray(0, at), cols.subarray(0, at), values.subarray(0, at));
}
