import type { Model } from '@southwell/numerics/expressions';
import { ModelDraft, type Term } from './modelDraft.ts';

/**
 * Distributed control of a semilinear elliptic equation, −Δy + y³ − y = u on the unit square with y = 0 on its boundary:
 * ½∫(y − y_d)² + ½α∫u² is least for −8 ≤ u ≤ 9 and y ≤ 0.371, with y_d = 1 + 2(x₁(x₁ − 1) + x₂(x₂ − 1)) and α = 0.001
 * (H. Maurer and H. D. Mittelmann, Optimization techniques for solving elliptic control problems with control and state
 * constraints, part 2, Computational Optimization and Applications 18, 2001). Five-point differences on n × n inner
 * points; 2n² variables.
 */
export function ellipticControl(n: number): Model {
  const draft = new ModelDraft('elliptic', 2 * n * n);
  const [y, u] = [draft.block('y', n * n), draft.block('u', n * n)];
  const { nodes } = draft;
  const h = 1 / (n + 1);
  const parts: number[] = [];
  const square = (node: number, weight: number): void => {
    parts.push(nodes.binary('multiply', nodes.constant(weight), nodes.unary('square', node)));
  };
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const e = j * n + i;
      const [s, t] = [(i + 1) * h, (j + 1) * h];
      const target = 1 + 2 * (s * (s - 1) + t * (t - 1));
      draft.set(y(e), 0.2, Number.NEGATIVE_INFINITY, 0.371);
      draft.set(u(e), 0.5, -8, 9);
      square(nodes.binary('subtract', y(e), nodes.constant(target)), (h * h) / 2);
      square(u(e), (0.001 * h * h) / 2);
      const terms: Term[] = [
        [y(e), 4 - h * h],
        [u(e), -h * h],
      ];
      if (i > 0) terms.push([y(e - 1), -1]);
      if (i < n - 1) terms.push([y(e + 1), -1]);
      if (j > 0) terms.push([y(e - n), -1]);
      if (j < n - 1) terms.push([y(e + n), -1]);
      const cube = nodes.binary('power', y(e), nodes.constant(3));
      draft.row(terms, nodes.binary('multiply', nodes.constant(h * h), cube));
    }
  }
  return draft.model(parts);
}

/**
 * Boundary control of the heat equation with radiation, y_t = y_xx on (0, 1), y_x(0, t) = 0, y_x(1, t) = u − y⁴, y = 0
 * at the beginning: ½∫(y(x, T) − ½(1 − x²))² + ½α∫u² is least for |u| ≤ 1, with T = 1.58 and α = 0.001. Implicit Euler
 * steps, n in space and in time; (n + 1)² + n variables.
 */
export function parabolicControl(n: number): Model {
  const draft = new ModelDraft('parabolic', (n + 1) ** 2 + n);
  const [states, u] = [draft.block('y', (n + 1) ** 2), draft.block('u', n)];
  const y = (k: number, i: number): number => states(k * (n + 1) + i);
  const { nodes } = draft;
  const [dx, dt] = [1 / n, 1.58 / n];
  const parts: number[] = [];
  const square = (node: number, weight: number): void => {
    parts.push(nodes.binary('multiply', nodes.constant(weight), nodes.unary('square', node)));
  };
  const ratio = dt / dx ** 2;
  for (let i = 0; i <= n; i++) {
    draft.fix(y(0, i), 0);
    const target = 0.5 * (1 - (i * dx) ** 2);
    square(nodes.binary('subtract', y(n, i), nodes.constant(target)), (i === 0 || i === n ? dx / 2 : dx) / 2);
  }
  for (let k = 1; k <= n; k++) {
    draft.set(u(k - 1), 0, -1, 1);
    square(u(k - 1), (0.001 * dt) / 2);
    for (let i = 0; i <= n; i++) {
      const terms: Term[] = [
        [y(k, i), 1 + 2 * ratio],
        [y(k - 1, i), -1],
      ];
      // At the ends the value beyond follows from the derivative.
      if (i === 0) terms.push([y(k, 1), -2 * ratio]);
      else if (i < n) terms.push([y(k, i - 1), -ratio], [y(k, i + 1), -ratio]);
      else terms.push([y(k, n - 1), -2 * ratio], [u(k - 1), -2 * ratio * dx]);
      const fourth = i === n ? nodes.binary('power', y(k, n), nodes.constant(4)) : undefined;
      draft.row(terms, fourth && nodes.binary('multiply', nodes.constant(2 * ratio * dx), fourth));
    }
  }
  return draft.model(parts);
}
