import { afterAll, test } from 'vitest';
import { HighsEngine } from '../index.ts';
import { comparedWithPatterns } from './testing.ts';

const engine = new HighsEngine();
afterAll(() => engine.close());

test.each([
  [11, [3, 10, 2]],
  [12, [2, 5, 5, 1]],
  [13, [4, 4, 3, 3, 1]],
])('the least output of ten units is that of all their 1024 patterns (network %i)', (seed, sizes) =>
  comparedWithPatterns(engine, seed, sizes),
);
