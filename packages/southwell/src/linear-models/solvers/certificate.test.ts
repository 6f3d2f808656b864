/** Bounds that spare certificates their logarithms, against the conjugate itself. */

import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { LinearProblem } from '../fit.ts';
import { lossNamed } from '../namedLosses.ts';

const [n, p] = [40, 6];
const random = new Random(4);
const X = DenseMatrix.create(n, p);
for (let k = 0; k < n * p; k++) X.data[k] = random.normal();
const offset = Float64Array.from({ length: n }, () => 0.3 * random.normal());
const weights = Float64Array.from({ length: n }, () => random.uniform());
const counts = Float64Array.from({ length: n }, (_, i) => Math.floor(3 * Math.exp(0.4 * X.get(i, 0))));
const targets = {
  logistic: counts.map((v) => (v > 2 ? 1 : -1)),
  'squared-hinge': counts.map((v) => (v > 2 ? 1 : -1)),
  huber: counts,
  poisson: counts,
  gamma: counts.map((v) => v + 0.5),
  cox: { time: counts.map((v, i) => v + i / n), event: counts.map((v) => (v % 2 === 0 ? 1 : 0)) },
};

describe.each(Object.entries(targets))('%s', (name, y) => {
  test.each([undefined, offset])('the conjugate lies between its tangent and its chord', (shift) => {
    const loss = lossNamed(name as keyof typeof targets, {});
    const fit = { offset: shift, sampleWeight: weights };
    const problem = new LinearProblem(X, y, loss, { type: 'elastic-net' }, {}, fit);
    for (const share of [1, 0.3, 0.03]) {
      problem.solve(share * problem.alphaMax);
      const { state } = problem;
      for (const s of [0, 0.2, 0.7, 0.99, 1]) {
        const [least, most] = state.conjugateBounds(s);
        const value = state.conjugateAt(s);
        const noise = 1e-9 * state.scale;
        expect(value).toBeGreaterThan(least - noise);
        expect(value).toBeLessThan(most + noise);
        if (s === 1) expect(most - least).toBeLessThan(noise);
      }
    }
    problem.release();
  });
});
