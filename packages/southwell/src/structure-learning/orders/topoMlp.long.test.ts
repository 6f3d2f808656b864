import { expect, test } from 'vitest';
import { nonlinear } from './testing.ts';
import { topoMlp } from './topoMlp.ts';

const permutations = (items: readonly number[]): number[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((first) => permutations(items.filter((v) => v !== first)).map((rest) => [first, ...rest]));

test('from every order of four nodes to near the best of all orders, by scores that never rise', () => {
  const { X } = nonlinear(1, 100);
  const options = { hidden: 4, seed: 1, starts: 2 };
  const orders = permutations([0, 1, 2, 3]);
  const alone = orders.map((order) => topoMlp(X, { ...options, order, small: 0, large: 0 }).objective);
  const [best, worst] = [Math.min(...alone), Math.max(...alone)];
  expect(worst - best).toBeGreaterThan(0.1);
  let reached = 0;
  for (const order of orders.filter((_, k) => k % 3 === 0)) {
    const found = topoMlp(X, { ...options, order });
    expect(found.status).toBe('converged');
    for (let t = 1; t < found.trace.length; t++) {
      expect(found.trace[t].objective).toBeLessThanOrEqual(found.trace[t - 1].objective + 1e-12);
    }
    if (found.objective <= best + 0.05 * (worst - best)) reached++;
  }
  expect(reached).toBeGreaterThanOrEqual(7);
});
