import { type LooseOptions, type UpdateRule, updateRules } from 'southwell/blocks';
import { describe, expect, test } from 'vitest';
import type { ExperimentEvent } from '../experiment.ts';
import { experimentsOf } from '../index.ts';
import { outcomesOf } from '../testing.ts';
import { setA, setB, setC, setD, setE } from './data.ts';
import figure4 from './experiments/figure-4.ts';
import figure5 from './experiments/figure-5.ts';
import figure7 from './experiments/figure-7.ts';
import { libraryMethod, type Method } from './lab.ts';

const experiments = await experimentsOf(1);

test('every figure is there, with claims of its own', () => {
  expect(experiments.map((e) => e.id)).toEqual([
    ...[4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((k) => `figure-${k}`),
    'active-set',
    'superlinear',
  ]);
  const ids = experiments.flatMap((e) => e.claims.map((c) => c.id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const e of experiments) expect(e.claims.length).toBeGreaterThan(0);
});

/** The library's method with another update. */
function changed(update: (rule: UpdateRule) => UpdateRule): Method {
  const resolve = (spec: unknown): UpdateRule => {
    const name = typeof spec === 'string' ? spec : (spec as { rule?: string }).rule;
    return name
      ? (updateRules as unknown as Record<string, (o: unknown) => UpdateRule>)[name](
          typeof spec === 'string' ? {} : spec,
        )
      : (spec as UpdateRule);
  };
  return (problem, options: LooseOptions) =>
    libraryMethod(problem, { ...options, update: update(resolve(options.update ?? 'proximalNewton')) });
}

const wrongSign = changed((rule) => ({
  ...rule,
  start(context) {
    const updater = rule.start(context);
    return (block, next) => {
      updater(block, next);
      for (let a = 0; a < block.length; a++) next[a] = Math.max(0, 2 * context.x[block[a]] - next[a]);
    };
  },
}));

test('a negative control does not pass: steps of the wrong sign', async () => {
  for (const figure of [figure4, figure5, figure7]) {
    for (const [claim, outcome] of Object.entries(await outcomesOf([figure.withMethod(wrongSign)], 11))) {
      expect([claim, outcome]).not.toEqual([claim, 'holds']);
    }
  }
});

test('an experiment stops when its signal says so, and yields finite points and tables of one width', async () => {
  const controller = new AbortController();
  const events: ExperimentEvent[] = [];
  const running = (async () => {
    for await (const event of figure4.run({ size: 'quick', seed: 2, signal: controller.signal })) {
      events.push(event);
      if (event.kind === 'points') {
        expect(event.x.length).toBe(event.y.length);
        expect(event.y.every(Number.isFinite)).toBe(true);
      }
      if (event.kind === 'table') for (const row of event.rows) expect(row.length).toBe(event.columns.length);
      if (event.kind === 'verdict') controller.abort(new Error('enough'));
    }
  })();
  await expect(running).rejects.toThrow('enough');
  expect(events.some((e) => e.kind === 'progress')).toBe(true);
});

describe('generators', () => {
  test('are deterministic for a seed and differ between seeds', () => {
    const sum = (v: ArrayLike<number>) => Array.from(v).reduce((s, x) => s + x, 0);
    expect(sum(setA(1, 100, 50).y)).toBe(sum(setA(1, 100, 50).y));
    expect(sum(setA(1, 100, 50).y)).not.toBe(sum(setA(2, 100, 50).y));
  });

  test('A and B: density 10·ln(n)/n, entries N(1, 1) times a factor a column, labels ±1', () => {
    const { A, y } = setB(3, 500, 400);
    expect(A.nnz / (500 * 400) / ((10 * Math.log(500)) / 500)).toBeCloseTo(1, 1);
    // Mean over standard deviation of a column is ±1 whatever its factor.
    let ratio = 0;
    for (let j = 0; j < 400; j++) {
      const v = Array.from(A.values.subarray(A.colPointers[j], A.colPointers[j + 1]));
      const mean = v.reduce((s, x) => s + x, 0) / v.length;
      const sd = Math.sqrt(v.reduce((s, x) => s + (x - mean) ** 2, 0) / (v.length - 1));
      ratio += Math.abs(mean) / sd / 400;
    }
    expect(ratio).toBeCloseTo(1, 1);
    expect(y.every((v) => v === 1 || v === -1)).toBe(true);
  });

  test('C: labels are classes that all occur', () => {
    const { labels, classes } = setC(1, 300, 60, 5);
    expect([...new Set(labels)].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(classes).toBe(5);
  });

  test('D: a lattice of degree 2 to 4 with the given number of labels', () => {
    const { W, labels } = setD(1, 10, 7);
    const degrees = Array.from({ length: 100 }, (_, j) => W.colPointers[j + 1] - W.colPointers[j]);
    expect(degrees.filter((d) => d === 2).length).toBe(4);
    expect(degrees.filter((d) => d === 3).length).toBe(32);
    expect(degrees.filter((d) => d === 4).length).toBe(64);
    expect(labels.filter((v) => !Number.isNaN(v)).length).toBe(7);
    expect(new Set(W.values)).toEqual(new Set([1e5]));
  });

  test('E: every node has its 5 nearest neighbours at least, and labels are 1 or 2', () => {
    const { W, labels } = setE(1, 300);
    for (let j = 0; j < 300; j++) expect(W.colPointers[j + 1] - W.colPointers[j]).toBeGreaterThanOrEqual(5);
    expect(labels.filter((v) => v === 1 || v === 2).length).toBe(15);
  });
});
