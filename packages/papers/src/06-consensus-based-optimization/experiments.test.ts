import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import type { ExperimentEvent } from '../experiment.ts';
import canyonExperiment from './experiments/canyon.ts';
import gradient from './experiments/gradient.ts';
import { canyon, descend } from './landscape.ts';

describe('the canyon', () => {
  test('has its global minimum 0 at the origin', () => {
    expect(canyon(0, 0)).toBeLessThan(1e-12);
    for (let x = -2; x <= 8; x += 0.04)
      for (let y = -2; y <= 8; y += 0.04) expect(canyon(x, y)).toBeGreaterThanOrEqual(0);
  });

  test('holds gradient descent where the study found it, and lets it through when nearly smooth', () => {
    const end = [...descend(new Random(1), 0, 10_000)].at(-1)!;
    expect(Math.hypot(end.x - 2.336, end.y - 2.466)).toBeLessThan(0.01);
    expect(canyon(end.x, end.y)).toBeCloseTo(3.862, 3);
    const smooth = [...descend(new Random(1), 0, 10_000, 0.25)].at(-1)!;
    expect(canyon(smooth.x, smooth.y, 0.25)).toBeLessThan(1e-6);
  });
});

// Of the canyon, whose runs are long, released verdicts have the claims, and the ablations are the controls.
test('yields finite points with seconds, tables of one width and pictures, and stops on request', async () => {
  const controller = new AbortController();
  const kinds = new Set<string>();
  const check = (event: ExperimentEvent) => {
    kinds.add(event.kind === 'picture' ? `picture ${event.picture.type}` : event.kind);
    if (event.kind === 'points') {
      expect(event.x.length).toBe(event.y.length);
      expect(event.work?.seconds.length).toBe(event.x.length);
      expect(event.y.every(Number.isFinite)).toBe(true);
    }
    if (event.kind === 'table') for (const row of event.rows) expect(row.length).toBe(event.columns.length);
  };
  const running = (async () => {
    for await (const event of canyonExperiment.run({
      size: 'quick',
      seed: 2,
      parameters: { noise: 1.6, particles: 50 },
      signal: controller.signal,
    })) {
      check(event);
      if (event.kind === 'verdict') controller.abort(new Error('enough'));
    }
  })();
  await expect(running).rejects.toThrow('enough');
  for await (const event of gradient.run({ size: 'quick', seed: 2 })) check(event);
  expect([...kinds].sort()).toEqual(['picture image', 'picture scatter', 'points', 'progress', 'table', 'verdict']);
});
