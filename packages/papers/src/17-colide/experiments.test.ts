import { DenseMatrix, type Iterate } from 'southwell';
import { colideIterates, type GraphPoint } from 'southwell/structure-learning';
import { expect, test } from 'vitest';
import type { Outcome } from '../experiment.ts';
import { experiments, experimentsWith, type Method } from './index.ts';

async function outcomes(list: typeof experiments, id: string, seed: number): Promise<Record<string, Outcome>> {
  const out: Record<string, Outcome> = {};
  const kinds = new Set<string>();
  for await (const event of list.find((e) => e.id === id)!.run({ size: 'quick', seed })) {
    kinds.add(event.kind);
    if (event.kind === 'verdict') out[event.verdict.claim] = event.verdict.outcome;
  }
  expect([...kinds].sort()).toEqual(['picture', 'points', 'progress', 'table', 'verdict']);
  return out;
}

/** The library's method with its points changed. */
const changed = (change: (point: GraphPoint) => GraphPoint): Method =>
  function* (data, options) {
    for (const it of colideIterates(data, options)) {
      yield { ...it, snapshot: () => change(it.snapshot()) } as Iterate<GraphPoint>;
    }
  };

test('the claims on equal noise hold, on a seed of the tests alone', async () => {
  expect(await outcomes(experiments, 'scale', 11)).toEqual({ 'one-weight': 'holds', 'scale-estimate': 'holds' });
});

test('arrows turned round where noise is estimated: the edges do not hold', async () => {
  const reversed: Method = (data, options) =>
    options.variance === 'none'
      ? colideIterates(data, options)
      : changed(({ W, ...rest }) => {
          const T = DenseMatrix.create(W.rows, W.cols);
          for (let i = 0; i < W.rows; i++) for (let j = 0; j < W.cols; j++) T.set(j, i, W.get(i, j));
          return { ...rest, W: T };
        })(data, options);
  expect((await outcomes(experimentsWith(reversed), 'scale', 11))['one-weight']).not.toBe('holds');
});

test('without the estimate of the scale, edges and noise do not hold', async () => {
  const without: Method = (data, options) => colideIterates(data, { ...options, variance: 'none' });
  expect((await outcomes(experimentsWith(without), 'scale', 11))['one-weight']).not.toBe('holds');
  // Scales twice too large.
  const doubled = changed((point) => ({ ...point, sigma: point.sigma?.map((s) => 2 * s) }));
  expect((await outcomes(experimentsWith(doubled), 'scale', 11))['scale-estimate']).toBe('does not hold');
  expect((await outcomes(experimentsWith(doubled), 'unequal', 11))['unequal-noise']).not.toBe('holds');
});

test('an abort ends a run by its reason, soon', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 30);
  const run = async () => {
    for await (const _ of experiments[0].run({ size: 'full', seed: 1, signal: controller.signal }));
  };
  await expect(run()).rejects.toThrow('enough');
});
