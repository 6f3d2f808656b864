import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { logistic, squared } from '../../losses/index.ts';
import { LinearProblem } from '../fit.ts';

const [n, p] = [60, 20];

function opened(loss: ReturnType<typeof logistic>, options: { offset?: boolean; intercept?: boolean } = {}) {
  const random = new Random(4);
  const dense = DenseMatrix.create(n, p);
  for (let k = 0; k < n * p; k++) dense.data[k] = random.uniform() < 0.3 ? random.normal() : 0;
  const X = CscMatrix.fromDense(dense);
  const y = Float64Array.from({ length: n }, () => (random.uniform() < 0.4 ? -1 : 1));
  const offset = options.offset ? Float64Array.from({ length: n }, () => random.normal()) : undefined;
  const sampleWeight = Float64Array.from({ length: n }, (_, i) => i % 7);
  const settings = { fitIntercept: options.intercept ?? true };
  const problem = new LinearProblem(X, y, loss, { type: 'elastic-net' }, settings, { offset, sampleWeight });
  problem.solve(0.3 * problem.alphaMax, {}, 1e-2);
  return { problem, state: problem.state };
}

describe.each([true, false])('products with columns, intercept %s', (intercept) => {
  test('are those at the present v, whether pricing has read all, some or none of them', () => {
    const { problem, state } = opened(logistic(), { intercept });
    const { design } = state;
    const columns = design.arena.i32Block(p);
    const [mine, other] = [design.arena.f64Block(p), design.arena.f64Block(p)];
    const random = new Random(1);
    const check = () => {
      for (const size of [p, 5]) {
        columns.view.set(random.sample(p, size));
        state.gradientOn(columns, size, mine);
        design.gradientSubset(state.v, columns, size, other);
        for (let t = 0; t < size; t++) expect(mine.view[t]).toBeCloseTo(other.view[t], 14);
      }
    };
    for (let round = 0; round < 6; round++) {
      check();
      state.price();
      check();
      // Those that cannot have reached their thresholds are not read.
      for (let i = 0; i < n; i++) state.eta.view[i] += (round % 2 ? 0.3 : 1e-6) * random.normal();
      state.evaluate();
      check();
      state.price();
      state.g.forEach((g, j) => {
        columns.view[0] = j;
        design.gradientSubset(state.v, columns, 1, other);
        const rests = state.beta[j] === 0 && Math.abs(other.view[0]) < state.penalty.threshold[j];
        if (!rests) expect(g).toBeCloseTo(other.view[0], 14);
      });
    }
    for (const block of [columns, mine, other]) block.free();
    problem.release();
  });
});

describe.each([true, false])('the conjugate of the loss, offset %s', (offset) => {
  test.each([0, 0.01, 0.3, 0.8, 0.999, 1])('lies between its bounds at %d times v', (s) => {
    const { problem, state } = opened(logistic(), { offset });
    for (const size of [0, 0.5, 4]) {
      for (let i = 0; i < n; i++) state.eta.view[i] += size * Math.sin(3 * i);
      for (const majorize of [false, true]) {
        state.evaluate(majorize);
        const exact = state.conjugateAt(s);
        const [least, most] = state.conjugateBounds(s);
        expect(exact).toBeGreaterThan(least - 1e-12);
        expect(exact).toBeLessThan(most + 1e-12);
      }
    }
    problem.release();
  });

  test('lies between bounds that close in by the square of the distance', () => {
    const { problem, state } = opened(logistic(), { offset });
    const [near, far] = [0.999, 0.99].map((s) => {
      const [least, most] = state.conjugateBounds(s);
      return most - least;
    });
    expect(near).toBeGreaterThan(0);
    expect(far / near).toBeCloseTo(100, 0);
    problem.release();
  });

  test('of the squared loss is what its definition says', () => {
    const { problem, state } = opened(squared(), { offset });
    for (const s of [0, 0.4, 1]) {
      let share = 0;
      state.offset?.forEach((o, i) => {
        share += state.v.view[i] * o;
      });
      const defined = state.loss.conjugate(state.v.view, s, state.eta.view) + s * share;
      expect(state.conjugateAt(s)).toBeCloseTo(defined, 13);
    }
    problem.release();
  });
});
