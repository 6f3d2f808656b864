import { expect, test } from 'vitest';
import { minimize } from '../../minimize.ts';
import { sum } from '../../testing.ts';

test('a narrow valley, where the points of the model are a thousand times apart', () => {
  const n = 5;
  const length = Math.sqrt(55);
  const cigar = (x: Float64Array) => {
    const along = sum(x, (v, i) => ((v - 0.5) * (i + 1)) / length);
    return sum(x, (v, i) => (i === 0 ? 1 : 1e6) * (v - 0.5 - (2 * along * (i + 1)) / length) ** 2);
  };
  // NLopt 2.7.1, as in bobyqa.test.ts: a median of 499 evaluations to 1e-8 over these starts.
  const counts = Array.from({ length: 40 }, (_, k) => {
    const x0 = Array.from({ length: n }, (_, i) => -1 + 0.37 * ((i * (k + 2) + k * k) % 7) + 0.01 * k);
    const r = minimize(cigar, { method: 'bobyqa', x0, sigma: 0.5, lower: -5, upper: 5, target: 1e-8, budget: 5000 });
    return r.evaluations;
  }).sort((a, b) => a - b);
  expect(counts[20]).toBeLessThan(1.5 * 499);
});
