import { expect, test } from 'vitest';
import { bursts, everyPatternUpToOrder } from './testing.patterns.ts';

test('every admitted pattern of up to eight workers meets the deadline of M-SGC', () => {
  let sequences = 0;
  for (let n = 1; n <= 8; n++) {
    for (const [B, W] of bursts) {
      for (let lambda = 0; lambda <= n; lambda++) sequences += everyPatternUpToOrder(n, B, W, lambda);
    }
  }
  // The most of one code: multisets of eight histories of four rounds, of the nine without straggling two rounds apart.
  expect(everyPatternUpToOrder(8, 2, 3, 8)).toBe(12_870);
  expect(sequences).toBeGreaterThan(50_000);
});
