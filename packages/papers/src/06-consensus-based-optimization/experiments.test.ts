import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import canyonExperiment from './experiments/canyon.ts';
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

test('an abort ends a run by its reason, soon', () => expectAbort(canyonExperiment));
