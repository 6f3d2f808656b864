import { DenseMatrix, type Iterate } from 'southwell';
import { colideIterates, type GraphPoint } from 'southwell/structure-learning';
import { expect, test } from 'vitest';
import type { Experiment } from '../experiment.ts';
import { expectAbort, outcomesOf } from '../testing.ts';
import scale from './experiments/scale.ts';
import unequal from './experiments/unequal.ts';
import type { Method } from './lab.ts';

const outcomes = (e: Experiment) => outcomesOf([e], 11, { whole: true });

/** The library's method with its points changed. */
const changed = (change: (point: GraphPoint) => GraphPoint): Method =>
  function* (data, options) {
    for (const it of colideIterates(data, options)) {
      yield { ...it, snapshot: () => change(it.snapshot()) } as Iterate<GraphPoint>;
    }
  };

test('the claims on equal noise hold, on a seed of the tests alone', async () => {
  expect(await outcomes(scale)).toEqual({ 'one-weight': 'holds', 'scale-estimate': 'holds' });
});

test('arrows turned round where noise is estimated: the edges do not hold', async () => {
  const reversed = changed(({ W, ...rest }) => {
    const T = DenseMatrix.create(W.rows, W.cols);
    for (let i = 0; i < W.rows; i++) for (let j = 0; j < W.cols; j++) T.set(j, i, W.get(i, j));
    return { ...rest, W: T };
  });
  expect((await outcomes(scale.withMethod(reversed)))['one-weight']).not.toBe('holds');
});

test('with scales twice too large, noise does not hold', async () => {
  const doubled = changed((point) => ({ ...point, sigma: point.sigma?.map((s) => 2 * s) }));
  expect((await outcomes(scale.withMethod(doubled)))['scale-estimate']).toBe('does not hold');
  expect(await outcomes(unequal)).toEqual({ 'unequal-noise': 'holds' });
});

test('an abort ends a run by its reason, soon', () => expectAbort(scale));
