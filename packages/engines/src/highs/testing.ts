// Shared by the tests of HiGHS. Not exported from the package.
import { CscMatrix } from '@southwell/numerics/arrays';
import type { Model } from '@southwell/numerics/expressions';

/** A model from dense rows; bounds default to x ≥ 0, and rows to equality with `rowLower`. */
export interface Dense {
  readonly cost: readonly number[];
  readonly A: readonly (readonly number[])[];
  readonly rowLower: readonly number[];
  readonly rowUpper?: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly integer?: boolean | readonly number[];
  readonly sense?: 'minimize' | 'maximize';
  readonly constant?: number;
  /** P, dense. */
  readonly P?: readonly (readonly number[])[];
}

const sparse = (rows: number, cols: number, A: readonly (readonly number[])[]): CscMatrix => {
  const entries = A.flatMap((row, i) => row.flatMap((value, j) => (value === 0 ? [] : [[i, j, value] as const])));
  const part = (k: 0 | 1 | 2) => entries.map((entry) => entry[k]);
  return CscMatrix.fromTriplets(rows, cols, part(0), part(1), part(2));
};

export function modelOf(d: Dense): Model {
  const [n, m] = [d.cost.length, d.A.length];
  const { integer = false } = d;
  const whole = typeof integer === 'boolean' ? new Uint8Array(n).fill(integer ? 1 : 0) : Uint8Array.from(integer);
  return {
    name: 'test',
    variables: {
      names: Array.from({ length: n }, (_, j) => `x${j + 1}`),
      lower: Float64Array.from(d.lower ?? new Array<number>(n).fill(0)),
      upper: Float64Array.from(d.upper ?? new Array<number>(n).fill(Number.POSITIVE_INFINITY)),
      integer: whole,
    },
    rows: {
      names: Array.from({ length: m }, (_, i) => `r${i + 1}`),
      lower: Float64Array.from(d.rowLower),
      upper: Float64Array.from(d.rowUpper ?? d.rowLower),
      linear: sparse(m, n, d.A),
    },
    objective: {
      name: 'cost',
      sense: d.sense ?? 'minimize',
      constant: d.constant ?? 0,
      linear: Float64Array.from(d.cost),
      quadratic: d.P && sparse(n, n, d.P),
    },
    suffixes: [],
  };
}
