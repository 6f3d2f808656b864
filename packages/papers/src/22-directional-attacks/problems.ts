import * as ad from '@southwell/autodiff';
import type { Random } from '@southwell/numerics/core';
import { multilayer, type Network, networkOf, randomLayers } from './networks.ts';

/** Objective f(Φ(x)), which is minimised, subject to c(x, Φ(x)) ≤ 0 and bounds. The paper maximises −f. */
export interface Problem {
  readonly name: string;
  readonly network: Network;
  readonly objective: Objective;
  readonly constraints?: Constraints;
  readonly x0: Float64Array;
  readonly lower?: number;
  readonly upper?: number;
  readonly radii: Radii;
}

export interface Objective {
  value(y: Float64Array): number;
  gradient(y: Float64Array): Float64Array;
}

/** Values c(x, y), and uᵀ∂c/∂x and uᵀ∂c/∂y. */
export interface Constraints {
  value(x: Float64Array, y: Float64Array): Float64Array;
  vjp(x: Float64Array, y: Float64Array, u: Float64Array): readonly [x: Float64Array, y: Float64Array];
}

/** The first radius of attacks and polls, and the least and largest ones. */
export interface Radii {
  readonly first: number;
  readonly attack: readonly [number, number];
  readonly poll: readonly [number, number];
}

/** ‖y − target‖². */
export const squaredDistance = (target: Float64Array): Objective => ({
  value: (y) => y.reduce((sum, v, i) => sum + (v - target[i]) ** 2, 0),
  gradient: (y) => y.map((v, i) => 2 * (v - target[i])),
});

/** A random network, and the outputs of a random input to reach from 0. */
export function randomNetwork(activation: 'tanh' | 'relu', widths: readonly number[], random: Random): Problem {
  const layers = multilayer(randomLayers(widths, random), activation);
  const n = widths[0];
  const network = networkOf((x) => ad.squeeze(layers(ad.expandDims(x, 0))));
  const hidden = Float64Array.from({ length: n }, () => 2 * random.uniform() - 1);
  return {
    name: activation === 'tanh' ? 'tanh' : 'ReLU',
    network,
    objective: squaredDistance(network.value(hidden)),
    x0: new Float64Array(n),
    ...{ lower: -1, upper: 1 },
    radii: { first: 0.1, attack: [1e-6, 10], poll: [1e-5, 10] },
  };
}

/** f plus the squares of violated constraints. */
export function penalised({ objective, constraints }: Problem, x: Float64Array, y: Float64Array): number {
  const f = objective.value(y);
  return constraints ? constraints.value(x, y).reduce((sum, c) => sum + Math.max(c, 0) ** 2, f) : f;
}

/** The gradient of {@link penalised}, by one pass back through the network. */
export function penalisedGradient(problem: Problem, x: Float64Array, y: Float64Array): Float64Array {
  const { network, objective, constraints } = problem;
  const u = objective.gradient(y);
  if (!constraints) return network.vjp(x, u);
  const outward = constraints.value(x, y).map((c) => 2 * Math.max(c, 0));
  const [byX, byY] = constraints.vjp(x, y, outward);
  for (let i = 0; i < u.length; i++) u[i] += byY[i];
  return network.vjp(x, u).map((v, j) => v + byX[j]);
}
