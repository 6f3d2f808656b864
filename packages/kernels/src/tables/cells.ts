import type { CellsKernels } from '../generated/tables/kernels.ts';
import type { Heap } from '../heap.ts';

const MARGIN = 1 + 2 ** -40;

/** a·b − p exactly, for p = fl(a·b). */
function productError(a: number, b: number, p: number): number {
  let t = 134217729 * a;
  const ah = t - (t - a);
  const al = a - ah;
  t = 134217729 * b;
  const bh = t - (t - b);
  const bl = b - bh;
  return ah * bh - p + ah * bl + al * bh + al * bl;
}

/** w / 10^n, correctly rounded, or NaN if the rounding is uncertain. */
function quotient(w: bigint, n: number): number {
  const s = Number(w);
  const rest = Number(w - BigInt(s));
  const p = Number(`1e${n}`);
  const q = s / p;
  const back = q * p;
  const q2 = (s - back - productError(q, p, back) + rest) / p;
  const value = q + q2;
  const error = q2 - (value - q);
  return value + error * MARGIN === value ? value : Number.NaN;
}

/** The value of digits times a power of ten; NaN if it is beyond what the kernel handles. */
function decimal(digits: string, exponent: number): number {
  const w = BigInt(digits);
  if (exponent < -22 || exponent > 22) return Number.NaN;
  if (w > 2n ** 53n) return exponent >= 0 ? Number.NaN : quotient(w, -exponent);
  const power = Number(`1e${Math.abs(exponent)}`);
  return exponent < 0 ? Number(w) / power : Number(w) * power;
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

export function cells(heap: Heap): CellsKernels {
  return {
    numberCells(text, used, state, kinds, cols, delimiter, mark, out, rows) {
      const { f64, i32 } = heap;
      const b = new Uint8Array(i32.buffer, text, used + 1);
      const left = new Uint8Array(i32.buffer, kinds, cols);
      let [at, j, row, record] = i32.subarray(state >>> 2, (state >>> 2) + 4);
      while (row < rows && j < cols && left[j] === 0) {
        let p = at;
        const negative = b[p] === 45;
        if (negative || b[p] === 43) p++;
        let digits = '';
        while (isDigit(b[p])) digits += b[p++] - 48;
        if (/^0\d/.test(digits)) break;
        let exponent = 0;
        if (b[p] - 48 === mark) {
          for (p++; isDigit(b[p]); exponent--) digits += b[p++] - 48;
        }
        if (digits === '' || digits.replace(/^0+/, '').length > 19) break;
        if (b[p] === 101 || b[p] === 69) {
          let e = p + 1;
          const sign = b[e];
          if (sign === 45 || sign === 43) e++;
          if (isDigit(b[e])) {
            let most = 0;
            for (; isDigit(b[e]); e++) if (most < 100_000) most = most * 10 + b[e] - 48;
            exponent += sign === 45 ? -most : most;
            p = e;
          }
        }
        if (p >= used) break;
        const value = decimal(digits, exponent);
        if (Number.isNaN(value)) break;
        const last = j + 1 === cols;
        if ((b[p] === delimiter) === last) break;
        if (last && b[p] !== 10) {
          if (b[p] !== 13 || p + 1 >= used || b[p + 1] !== 10) break;
          p++;
        }
        f64[(out >>> 3) + j * rows + row] = negative ? -value : value;
        at = p + 1;
        if (!last) j++;
        else {
          j = 0;
          row++;
          record = at;
        }
      }
      i32.set([at, j, row, record], state >>> 2);
    },
  };
}
