import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { logistic } from '../../../losses/index.ts';
import { LinearProblem } from '../../fit.ts';
import { logisticRegression } from '../../index.ts';
import { Members } from './members.ts';
import { curvatureShift, outlived } from './renewal.ts';

function data(n: number, p: number) {
  const random = new Random(5);
  const X = DenseMatrix.create(n, p);
  const y = new Float64Array(n);
  for (let j = 0; j < p; j++) {
    const column = X.column(j);
    for (let i = 0; i < n; i++) {
      column[i] = random.normal();
      if (j < 40) y[i] += (j % 2 ? 1 : -1) * column[i];
    }
  }
  return { X, labels: y.map((v) => (v + 5 * random.normal() > 0 ? 1 : -1)) };
}

/** All p columns as members, under the curvatures of the null model. */
function opened(n: number, p: number, l1Ratio = 1) {
  const { X, labels } = data(n, p);
  const problem = new LinearProblem(X, labels, logistic(), { type: 'elastic-net', l1Ratio }, { fitIntercept: false });
  problem.solve(problem.alphaMax * 1.01);
  const { state } = problem;
  const members = new Members(state);
  const list = state.list;
  for (let j = 0; j < p; j++) list.view[j] = j;
  members.takeCurvatures();
  members.extend(list, p);
  return {
    state,
    members,
    close: () => {
      members.release();
      problem.release();
      X.free();
    },
  };
}

describe('the shift of curvatures', () => {
  const n = 30;
  test.each([
    [0.7, 0.7],
    [1.3, 1.3],
    [0.01, 0.5],
    [50, 2],
  ])('%f times those taken: %f', (times, shift) => {
    const { state, members, close } = opened(n, 4);
    state.direction.view.forEach((_, i, e) => {
      e[i] = Math.sin(i);
    });
    for (let i = 0; i < n; i++) state.d.view[i] *= times;
    expect(curvatureShift(state, members)).toBeCloseTo(shift, 12);
    close();
  });

  test('rows that the last step did not move do not count', () => {
    const { state, members, close } = opened(n, 4);
    state.direction.view.fill(0, 0, n / 2).fill(2, n / 2);
    state.d.view.fill(0, 0, n / 2);
    for (let i = n / 2; i < n; i++) state.d.view[i] *= 0.8;
    expect(curvatureShift(state, members)).toBeCloseTo(0.8, 12);
    close();
  });

  test('there is none where nothing was moved, nor beside a ridge', () => {
    for (const [l1Ratio, step] of [
      [1, 0],
      [0.5, 1],
    ]) {
      const { state, members, close } = opened(n, 4, l1Ratio);
      state.direction.view.fill(step);
      for (let i = 0; i < n; i++) state.d.view[i] *= 0.8;
      expect(curvatureShift(state, members)).toBe(1);
      close();
    }
  });
});

test('a model that is shifted has the minimiser of one with a Gram matrix of the curvatures of here', () => {
  const minimisers = [false, true].map((anew) => {
    const { state, members, close } = opened(50, 6);
    const { quadratic } = members;
    for (let i = 0; i < state.n; i++) state.d.view[i] *= 0.6;
    state.penalty.a1.fill(0.3 * state.nullGradient.reduce((a, g) => Math.max(a, Math.abs(g)), 0));
    if (anew) {
      members.takeCurvatures();
      members.gram(0);
    }
    state.gradientOn(quadratic.columns, quadratic.m, quadratic.q);
    members.load(anew ? 1 : 0.6);
    quadratic.solve(state.penalty.penalty, 1e-20, true, false);
    const b = quadratic.b.view.slice(0, 6);
    close();
    return b;
  });
  expect(minimisers[0].some((b) => b !== 0)).toBe(true);
  minimisers[0].forEach((b, t) => {
    expect(b).toBeCloseTo(minimisers[1][t], 12);
  });
});

describe('an old Gram matrix', () => {
  test('that would be made anew for the price of a step or two is, unless it contracts', () => {
    const { state, members, close } = opened(60, 10);
    expect(outlived(state, members, 0.1, 1, 1e-6, 1)).toBe(false);
    expect(outlived(state, members, 0.3, 1, 1e-6, 1)).toBe(true);
    close();
  });

  test('that is dear serves while it gets there in fewer steps than it would cost', () => {
    const { state, members, close } = opened(1000, 300);
    // The first step goes to the next alpha.
    expect(outlived(state, members, 3, 1, 1e-6, 1)).toBe(false);
    expect(outlived(state, members, 0.3, 1, 0.1, 2)).toBe(false);
    expect(outlived(state, members, 0.5, 1, 1e-6, 2)).toBe(true);
    expect(outlived(state, members, 0.95, 1, 0.94, 2)).toBe(true);
    close();
  });
});

describe('a path', () => {
  afterEach(() => void vi.restoreAllMocks());

  test('takes curvatures for some of its alphas alone, and each is solved', () => {
    const taken = vi.spyOn(Members.prototype, 'takeCurvatures');
    const { X, labels } = data(600, 400);
    const path = logisticRegression({ fitIntercept: false, tol: 1e-5 }).path(X, labels, { nAlphas: 30, eps: 0.05 });
    expect(path.status).toBe('converged');
    expect(path.models.at(-1)!.activeCount).toBeGreaterThan(150);
    expect(taken.mock.calls.length).toBeLessThan(12);
    X.free();
  });
});
