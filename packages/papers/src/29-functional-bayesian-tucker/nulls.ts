import type { Matern, MaternOptions } from 'southwell/functional-tensors';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Kernel = (nu: 0.5 | 1.5 | 2.5, options?: MaternOptions) => Matern;
type EntriesOf = (
  columns: readonly Float64Array[],
  scales: ReadonlyArray<{ readonly low: number; readonly high: number }>,
  ...rest: readonly unknown[]
) => object;
type Judge = (data: { readonly values: Float64Array }, rows: Int32Array, model: unknown) => unknown;

export default nulls(record, [
  {
    id: 'rough',
    says: 'with functions that know nothing of their neighbours',
    kinds: ['ingredient'],
    claims: ['three-dimensional', 'two-dimensional'],
    module: 'southwell/functional-tensors/matern',
    name: 'matern',
    by:
      (original: Kernel): Kernel =>
      (nu, options) =>
        original(nu, { ...options, lengthscale: 1e-3 }),
  },
  {
    id: 'fitted-entries',
    says: 'with intervals calibrated on the entries that were fitted',
    kinds: ['ingredient'],
    claims: ['coverage'],
    module: 'southwell/functional-tensors/judge',
    name: 'judge',
    by:
      (original: Judge): Judge =>
      (data, rows, model) => {
        const away = new Set(rows);
        const fitted = Int32Array.from(data.values.keys()).filter((n) => !away.has(n));
        return original(data, fitted, model);
      },
  },
  {
    id: 'rounded',
    says: 'with indices rounded to nine values an axis',
    kinds: ['ingredient'],
    claims: ['stations'],
    module: 'southwell/functional-tensors/axes',
    name: 'entriesOf',
    by:
      (original: EntriesOf): EntriesOf =>
      (columns, scales, ...rest) => {
        const rounded = columns.map((column, k) => {
          const { low, high } = scales[k];
          const step = (high - low) / 8 || 1;
          return column.map((v) => low + step * Math.round((v - low) / step));
        });
        return original(rounded, scales, ...rest);
      },
  },
]);
