import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { createSketch } from '@southwell/numerics/sketches';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { operations, qrOperations, relativeError } from '../lab.ts';
import { record } from '../record.ts';

/** The cost of sketching compared with a factorisation of the full matrix. */
export default experiment(record, {
  id: 'work',
  title: 'Operations of sketching and of a factorisation',
  axes: { x: 'rows n', y: 'operations', logX: true, logY: true },
  claims: ['speed'],
  method: createSketch,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const d = 64;
    const m = 16 * d;
    const powers = context.size === 'full' ? [13, 15, 17] : [12, 13, 14];
    const table: Cell[][] = [];
    let ratio = Number.NaN;
    for (const [k, power] of powers.entries()) {
      const n = 2 ** power;
      yield { kind: 'progress', label: `${n} rows`, fraction: k / powers.length };
      const random = new Random(context.seed).split(power);
      const A = DenseMatrix.create(n, d);
      for (let at = 0; at < A.data.length; at++) A.data[at] = random.normal();
      const b = Float64Array.from({ length: n }, () => random.normal());
      for (let at = 0; at < A.data.length; at++) b[at % n] += A.data[at];
      await pause();
      const began = performance.now();
      const sketch = method('srht', n, m, 1000 * context.seed + k);
      const SA = sketch.apply(A);
      const small = qr(SA);
      const x = small.leastSquares(sketch.applyVector(b));
      const middle = performance.now();
      await pause();
      const again = performance.now();
      const whole = qr(A);
      const truth = whole.leastSquares(b);
      const end = performance.now();
      const [own, all] = [operations(sketch.kind, n, d, sketch.rows), qrOperations(n, d)];
      ratio = all / own;
      table.push([n, own, all, ratio, (middle - began) / 1000, (end - again) / 1000, relativeError(x, truth)]);
      for (const [series, y] of [
        ['SRHT and QR of the sketch', own],
        ['QR of the whole', all],
      ] as const) {
        yield { kind: 'points', panel: 'operations', series, x: [n], y: [y] };
      }
      for (const M of [A, SA, small, whole]) M.free();
    }
    yield decide('speed', { ratio });
    const columns = ['n', 'operations', 'of QR', 'ratio', 'seconds here', 'of QR', 'relative error'];
    yield {
      kind: 'table',
      title: '64 columns, 1024 rows of the sketch; targets are sums of rows with noise',
      columns,
      rows: table,
    };
  },
});
