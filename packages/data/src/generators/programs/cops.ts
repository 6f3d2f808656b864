import type { Model } from '@southwell/numerics/expressions';
import { elementary } from '@southwell/numerics/special';
import { ModelDraft } from './modelDraft.ts';

// Problems of COPS: E. D. Dolan, J. J. Moré and T. S. Munson, Benchmarking Optimization Software with COPS 3.0, Argonne
// National Laboratory 2004. Differential equations are discretised by the trapezoidal rule.

/** Hanging chain of length 4 between heights 1 and 3, of least potential energy; 2(n + 1) variables. */
export function hangingChain(n: number): Model {
  const draft = new ModelDraft('chain', 2 * (n + 1));
  const [x, u] = [draft.block('x', n + 1), draft.block('u', n + 1)];
  const { nodes } = draft;
  const h = 1 / n;
  const [first, last] = [1, 3];
  const energy: number[] = [];
  const length: number[] = [];
  for (let i = 0; i <= n; i++) {
    const t = i / n;
    draft.set(x(i), 4 * (last - first) * t * (t / 2 - 0.25) + first);
    draft.set(u(i), 4 * (last - first) * (t - 0.25));
    const stretch = nodes.unary('sqrt', nodes.binary('add', nodes.unary('square', u(i)), nodes.constant(1)));
    const piece = nodes.binary('multiply', nodes.constant(i === 0 || i === n ? h / 2 : h), stretch);
    length.push(piece);
    energy.push(nodes.binary('multiply', x(i), piece));
    if (i > 0)
      draft.row(
        [
          [x(i), 1],
          [x(i - 1), -1],
          [u(i), -h / 2],
          [u(i - 1), -h / 2],
        ],
        undefined,
      );
  }
  draft.row([], nodes.sum(length), 4);
  draft.fix(x(0), first);
  draft.fix(x(n), last);
  return draft.model(energy);
}

/** x_i − x_{i−1} = ½·step·(f_i + f_{i−1}), with a node for the step. */
function trapezoid(draft: ModelDraft, x: (i: number) => number, i: number, step: number, f: ArrayLike<number>): void {
  const { nodes } = draft;
  const mean = nodes.binary('multiply', step, nodes.binary('add', f[i], f[i - 1]));
  draft.row(
    [
      [x(i), 1],
      [x(i - 1), -1],
    ],
    nodes.binary('multiply', nodes.constant(-0.5), mean),
  );
}

/** Goddard's rocket: the thrust by which it rises highest, with the final time free; 4(n + 1) + 1 variables. */
export function goddardRocket(n: number): Model {
  const draft = new ModelDraft('rocket', 4 * (n + 1) + 1);
  const step = draft.block('step', 1)(0);
  const [v, h, m, T] = ['v', 'h', 'm', 'T'].map((name) => draft.block(name, n + 1));
  const { nodes } = draft;
  const times = (...factors: number[]): number => factors.reduce((a, b) => nodes.binary('multiply', a, b));
  const [most, left, exhaust, drag] = [3.5, 0.6, 0.5, 310];
  draft.set(step, 1 / n, 0);
  const rises: number[] = [];
  const accelerations: number[] = [];
  const burns: number[] = [];
  for (let i = 0; i <= n; i++) {
    const t = i / n;
    draft.set(v(i), t * (1 - t), 0);
    draft.set(h(i), 1, 1);
    draft.set(m(i), 1 + (left - 1) * t, left, 1);
    draft.set(T(i), most / 2, 0, most);
    const height = nodes.binary('subtract', h(i), nodes.constant(1));
    const air = nodes.unary('exp', times(nodes.constant(-500), height));
    const resistance = times(nodes.constant(drag), nodes.unary('square', v(i)), air);
    const gravity = nodes.unary('square', nodes.binary('divide', nodes.constant(1), h(i)));
    const force = nodes.binary('subtract', T(i), resistance);
    rises.push(v(i));
    accelerations.push(nodes.binary('subtract', nodes.binary('divide', force, m(i)), gravity));
    burns.push(times(nodes.constant(-1 / exhaust), T(i)));
    if (i === 0) continue;
    trapezoid(draft, h, i, step, rises);
    trapezoid(draft, v, i, step, accelerations);
    trapezoid(draft, m, i, step, burns);
  }
  draft.fix(h(0), 1);
  draft.fix(v(0), 0);
  draft.fix(m(0), 1);
  draft.fix(m(n), left);
  draft.addLinear(h(n), 1);
  return draft.model([], 'maximize');
}

/** Robot arm: least time between two positions with bounded forces; 9(n + 1) + 1 variables. */
export function robotArm(n: number): Model {
  const draft = new ModelDraft('arm', 9 * (n + 1) + 1);
  const step = draft.block('step', 1)(0);
  const names = ['rho', 'theta', 'phi', 'rhoSpeed', 'thetaSpeed', 'phiSpeed', 'rhoForce', 'thetaForce', 'phiForce'];
  const [rho, theta, phi, ...others] = names.map((name) => draft.block(name, n + 1));
  const [speeds, forces] = [others.slice(0, 3), others.slice(3)];
  const { nodes } = draft;
  const L = 5;
  const cube = (node: number): number => nodes.binary('power', node, nodes.constant(3));
  draft.set(step, 1 / n, 0);
  const slopes: number[][] = Array.from({ length: 6 }, () => []);
  for (let i = 0; i <= n; i++) {
    const t = i / n;
    draft.set(rho(i), 4.5, 0, L);
    draft.set(theta(i), ((2 * Math.PI) / 3) * t * t, -Math.PI, Math.PI);
    draft.set(phi(i), Math.PI / 4, 0, Math.PI);
    draft.set(speeds[1](i), ((4 * Math.PI) / 3) * t);
    for (const force of forces) draft.set(force(i), 0, -1, 1);
    const rest = nodes.binary('subtract', nodes.constant(L), rho(i));
    const inertia = nodes.binary('divide', nodes.binary('add', cube(rest), cube(rho(i))), nodes.constant(3));
    const turned = nodes.binary('multiply', inertia, nodes.unary('square', nodes.unary('sin', phi(i))));
    const masses = [nodes.constant(L), turned, inertia];
    for (let d = 0; d < 3; d++) {
      slopes[d].push(speeds[d](i));
      slopes[3 + d].push(nodes.binary('divide', forces[d](i), masses[d]));
    }
    if (i > 0) for (const [d, x] of [rho, theta, phi, ...speeds].entries()) trapezoid(draft, x, i, step, slopes[d]);
  }
  for (const [x, first, last] of [
    [rho, 4.5, 4.5],
    [theta, 0, (2 * Math.PI) / 3],
    [phi, Math.PI / 4, Math.PI / 4],
  ] as const) {
    draft.fix(x(0), first);
    draft.fix(x(n), last);
  }
  for (const speed of speeds) for (const i of [0, n]) draft.fix(speed(i), 0);
  draft.addLinear(step, n);
  return draft.model([]);
}

/** Mixing of two catalysts along a reactor for the highest yield; 3(n + 1) variables. */
export function catalystMixing(n: number): Model {
  const draft = new ModelDraft('catalyst', 3 * (n + 1));
  const [a, b, u] = ['a', 'b', 'u'].map((name) => draft.block(name, n + 1));
  const { nodes } = draft;
  const step = nodes.constant(1 / n);
  const first: number[] = [];
  const second: number[] = [];
  for (let i = 0; i <= n; i++) {
    draft.set(a(i), 1);
    draft.set(b(i), 0);
    draft.set(u(i), 0, 0, 1);
    const exchange = nodes.binary('subtract', nodes.binary('multiply', nodes.constant(10), b(i)), a(i));
    const mixed = nodes.binary('multiply', u(i), exchange);
    const other = nodes.binary('multiply', nodes.binary('subtract', u(i), nodes.constant(1)), b(i));
    first.push(mixed);
    second.push(nodes.binary('subtract', other, mixed));
    if (i === 0) continue;
    trapezoid(draft, a, i, step, first);
    trapezoid(draft, b, i, step, second);
  }
  draft.fix(a(0), 1);
  draft.fix(b(0), 0);
  draft.addLinear(a(n), 1);
  draft.addLinear(b(n), 1);
  return draft.model([nodes.constant(-1)]);
}

/**
 * Pressure of the lubricant in a journal bearing of eccentricity 0.1: a quadratic program with bounds, by linear finite
 * elements on n × n inner points.
 */
export function journalBearing(n: number): Model {
  const draft = new ModelDraft('bearing', n * n);
  const v = draft.block('v', n * n);
  const eccentricity = 0.1;
  const [dx, dy] = [(2 * Math.PI) / (n + 1), 20 / (n + 1)];
  const weights = Array.from({ length: n + 2 }, (_, i) => (1 + eccentricity * elementary.cos(i * dx)) ** 3);
  /** Index of the inner point, or −1 on the boundary, where the pressure is 0. */
  const at = (i: number, j: number): number => (i < 1 || j < 1 || i > n || j > n ? -1 : v((j - 1) * n + i - 1));
  const difference = (p: number, q: number, weight: number): void => {
    if (p >= 0 && q >= 0) draft.addDifference(p, q, weight);
    else if (p >= 0 || q >= 0) draft.addSquare(Math.max(p, q), weight);
  };
  const area = (dx * dy) / 2;
  for (let i = 0; i <= n + 1; i++) {
    for (let j = 0; j <= n + 1; j++) {
      // The triangles right above and left below each point.
      if (i <= n && j <= n) {
        const weight = (area * (2 * weights[i] + weights[i + 1])) / 3;
        difference(at(i, j), at(i + 1, j), weight / dx ** 2);
        difference(at(i, j), at(i, j + 1), weight / dy ** 2);
      }
      if (i >= 1 && j >= 1) {
        const weight = (area * (2 * weights[i] + weights[i - 1])) / 3;
        difference(at(i, j), at(i - 1, j), weight / dx ** 2);
        difference(at(i, j), at(i, j - 1), weight / dy ** 2);
      }
      if (at(i, j) < 0) continue;
      draft.set(at(i, j), Math.max(0, elementary.sin(i * dx)), 0);
      draft.addLinear(at(i, j), -dx * dy * eccentricity * elementary.sin(i * dx));
    }
  }
  return draft.model([]);
}
