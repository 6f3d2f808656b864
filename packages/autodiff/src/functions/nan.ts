import { fail } from '@southwell/numerics/core';
import { overflow } from '../dtypes.ts';
import { needFunctions } from '../given.ts';
import { watch } from '../op.ts';
import { show } from '../shapes.ts';
import type { TensorRecord } from '../tensor.ts';
import type { TensorFunction } from '../transforms/derive.ts';

/**
 * Wraps f so that it throws at the first operation that produces NaN from inputs without NaN, or at the first cast that
 * makes finite numbers infinite; the message gives the operation, its shapes, the calling line and its inputs. An operation of a derivative names the forward operation to
 * which it belongs. Slow: every value is checked.
 * @throws NUMERICAL at the first NaN, or overflow of a cast.
 */
export function findNaN<A extends readonly unknown[], R>(f: TensorFunction<A, R>): TensorFunction<A, R> {
  needFunctions('findNaN', { f });
  return (...args) => {
    const before = watch({ lines: true, seen: look });
    try {
      return f(...args);
    } finally {
      watch(before);
    }
  };
}

function look({ op, inputs, outputs, line }: TensorRecord): void {
  for (const y of outputs) {
    if (y.dtype === 'i32') continue;
    const values = y.data();
    const beyond = op.name === 'cast' ? overflow(inputs[0].data(), values, y.dtype) : undefined;
    if (beyond) fail('NUMERICAL', `cast produced the first infinity${line ? ` (${line})` : ''}: ${beyond}.`);
    const at = values.findIndex((v: number) => Number.isNaN(v));
    if (at < 0) continue;
    const given = inputs.map((x) => ({ x, values: x.data() }));
    if (given.some(({ values: v }) => v.some((n: number) => Number.isNaN(n)))) continue;
    const shapes = given.map(({ x, values: v }) => {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const n of v) [low, high] = [Math.min(low, n), Math.max(high, n)];
      return v.length === 1 ? String(v[0]) : `${show(x.shape)} of ${low} to ${high}`;
    });
    fail(
      'NUMERICAL',
      `${op.name} produced the first NaN${line ? ` (${line})` : ''}, at position ${at + 1} of a result of ${show(y.shape)}, from ${shapes.join(' and ')}.`,
    );
  }
}
