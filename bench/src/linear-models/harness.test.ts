import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPeers } from './contenders.ts';
import { autoregressive, benchRoot } from './datasets.ts';
import { GAP, runTask, type TaskResult } from './harness.ts';
import { failures, ratiosPage, summarise, table } from './report.ts';
import type { Task } from './tasks.ts';

const built = existsSync(join(benchRoot, 'dist/linear-models/ours.js'));
const set = autoregressive('test-40x80', 40, 80);
const lasso: Task = { name: 'tiny-lasso', set, model: { loss: 'squared', groupSize: 1 }, shares: [1, 0.3, 0.1] };
const validated: Task = { ...lasso, name: 'tiny-cv', folds: 4, gap: 1e-9 };
const logistic: Task = { name: 'tiny-logistic', set, model: { loss: 'logistic', groupSize: 1 }, shares: [0.1] };

test.skipIf(!built)('southwell alone on a tiny task, end to end (needs npm run build)', async () => {
  const results: TaskResult[] = [];
  for (const task of [lasso, logistic]) results.push(await runTask(task, [], { repeats: 2, limit: 20 }));
  for (const { ours } of results) {
    expect(ours.failure).toBeUndefined();
    expect(ours.gap).toBeLessThanOrEqual(GAP);
    expect(ours.gap).toBeGreaterThan(-1e-12);
    expect(ours.nonZeros).toBeGreaterThan(0);
    expect(ours.cpu).toBeGreaterThan(0);
    expect(ours.peak).toBeGreaterThan(10);
  }
  expect(summarise(results).tasks.map((t) => [t.ratio, t.bestPeer])).toEqual([
    [null, null],
    [null, null],
  ]);
});

const { peers } = findPeers(['scikit-learn']);
test.skipIf(!built || peers.length === 0)('scikit-learn on the same task (needs it installed)', async () => {
  const single = { ...lasso, shares: [0.1] };
  const result = await runTask(single, peers, { repeats: 1, limit: 30 });
  expect(result.peers[0].failure).toBeUndefined();
  expect(result.peers[0].gap).toBeLessThanOrEqual(GAP);
  const sizes = [result.ours.nonZeros!, result.peers[0].nonZeros!];
  expect(Math.abs(sizes[0] - sizes[1])).toBeLessThanOrEqual(3);
});

test.skipIf(!built)('a cross-validation is judged at the alpha that it chose, to the gap of its task', async () => {
  const { ours } = await runTask(validated, [], { repeats: 1, limit: 20, pairs: 2 });
  expect(ours.failure).toBeUndefined();
  expect(ours.tol).toBe(1e-9);
  expect(ours.gap).toBeLessThanOrEqual(1e-9);
});

test.skipIf(!built || peers.length === 0)(
  'fits in turn with a peer have an interval (needs it installed)',
  async () => {
    const { paired } = await runTask(validated, peers, { repeats: 1, limit: 30, pairs: 3 });
    expect(paired!.peer).toBe('scikit-learn');
    expect(paired!.low).toBeLessThanOrEqual(paired!.high);
    expect(paired!.median).toBeGreaterThan(0);
  },
);

test('ratios, their geometric mean, and what has no time', () => {
  const result = (task: string, cpu: number, peerCpu: number): TaskResult => ({
    task,
    shape: '',
    ours: { contender: 'southwell', cpu, wall: cpu },
    peers: [
      { contender: 'a', cpu: peerCpu, wall: 2 * peerCpu },
      { contender: 'b', cpu: 10 * peerCpu, wall: peerCpu },
      { contender: 'c', failure: 'no answer within 1 s' },
    ],
  });
  const summary = summarise([result('fast', 1, 4), result('slow', 4, 1)]);
  expect(summary.tasks.map((t) => t.ratio)).toEqual([0.25, 4]);
  expect(summary.tasks.map((t) => t.wallRatio)).toEqual([0.25, 4]);
  expect(summary.tasks[0].peers).toEqual({ a: 4, b: 40 });
  expect(summary.tasks[0].bestPeer).toBe('a');
  expect(summary.geomean).toBeCloseTo(1, 14);
  expect(failures(summary)).toEqual(['fast: c: no answer within 1 s', 'slow: c: no answer within 1 s']);
  const lines = table(summary).split('\n');
  expect(lines[2]).toMatch(/^\| slow/);
  expect(lines[2]).toContain('✗');
  expect(ratiosPage(summary, ['a < b'])).toContain('a &lt; b');
});
