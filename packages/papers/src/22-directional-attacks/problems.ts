import * as ad from '@southwell/autodiff';
import type { Random } from '@southwell/numerics/core';
import type { NetworkProblem, OutputObjective } from 'southwell/black-box';
import { multilayer, networkOf, randomLayers } from './networks.ts';

/** Objective f(Φ(x)), which is minimised, subject to c(x, Φ(x)) ≤ 0 and bounds. The paper maximises −f. */
export interface Problem extends NetworkProblem {
  readonly name: string;
  readonly x0: Float64Array;
  readonly lower?: number;
  readonly upper?: number;
  readonly radii: Radii;
}

/** The first radius of attacks and polls, and the least and largest ones. */
export interface Radii {
  readonly first: number;
  readonly attack: readonly [number, number];
  readonly poll: readonly [number, number];
}

/** ‖y − target‖². */
export const squaredDistance = (target: Float64Array): OutputObjective => ({
  value: (y) => y.reduce((sum, v, i) => sum + (v - target[i]) ** 2, 0),
  gradient: (y) => y.map((v, i) => 2 * (v - target[i])),
});

/** A random network, and the outputs of a random input to reach from 0. */
export function randomNetwork(activation: 'tanh' | 'relu', widths: readonly number[], random: Random): Problem {
  const layers = multilayer(randomLayers(widths, random), activation);
  const n = widths[0];
  const network = networkOf(n, (x) => ad.squeeze(layers(ad.expandDims(x, 0))));
  const hidden = Float64Array.from({ length: n }, () => 2 * random.uniform() - 1);
  return {
    name: activation === 'tanh' ? 'tanh' : 'ReLU',
    network,
    objective: squaredDistance(Float64Array.from(network.value(hidden))),
    x0: new Float64Array(n),
    ...{ lower: -1, upper: 1 },
    radii: { first: 0.1, attack: [1e-6, 10], poll: [1e-5, 10] },
  };
}

/**
 * steep·|a| + |b| of coordinates (a, b) in the plane that are turned by a random angle, by a network with four units;
 * from a random point at the distance 1 from the minimum.
 */
export function kinkedValley(steep: number, random: Random): Problem {
  const direction = () => {
    const [c, s] = [random.normal(), random.normal()];
    return [c / Math.hypot(c, s), s / Math.hypot(c, s)];
  };
  const [[c, s], bottom] = [direction(), direction()];
  const rows = [
    [steep * c, steep * s],
    [-s, c],
  ].flatMap(([p, q]) => [
    [p, q],
    [-p, -q],
  ]);
  const weight = ad.tensor(Float64Array.from([...rows.map(([p]) => p), ...rows.map(([, q]) => q)]), { shape: [2, 4] });
  const bias = ad.tensor(Float64Array.from(rows, ([p, q]) => -p * bottom[0] - q * bottom[1]));
  const layers = multilayer(
    [
      { weight, bias },
      { weight: ad.full([4, 1], 1), bias: ad.full([1], 0) },
    ],
    'relu',
  );
  return {
    name: 'kinked valley',
    network: networkOf(2, (x) => ad.reshape(layers(ad.expandDims(x, 0)), [1])),
    objective: { value: ([y]) => y, gradient: () => [1] },
    x0: new Float64Array(2),
    radii: { first: 0.1, attack: [1e-6, 10], poll: [1e-5, 10] },
  };
}
