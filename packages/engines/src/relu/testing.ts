import { Random } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { expect } from 'vitest';
import { modelOf } from '../highs/testing.ts';
import { type HighsEngine, ReluProgram } from '../index.ts';

const dot = (u: ArrayLike<number>, v: ArrayLike<number>) => Array.from(u).reduce((sum, w, j) => sum + w * v[j], 0);

interface Layer {
  readonly weights: readonly number[][];
  readonly bias: readonly number[];
  readonly activation: 'relu' | 'identity';
}

export function randomNetwork(seed: number, sizes: readonly number[]): Layer[] {
  const random = new Random(seed);
  return sizes.slice(1).map((outputs, k) => ({
    weights: Array.from({ length: outputs }, () =>
      Array.from({ length: sizes[k] }, () => (1.5 * random.normal()) / Math.sqrt(sizes[k])),
    ),
    bias: Array.from({ length: outputs }, () => 0.3 * random.normal()),
    activation: k === sizes.length - 2 ? ('identity' as const) : ('relu' as const),
  }));
}

export const evaluate = (network: readonly Layer[], x: ArrayLike<number>): number[] =>
  network.reduce<number[]>(
    (at, { weights, bias, activation }) =>
      weights.map((row, i) => {
        const z = dot(row, at) + bias[i];
        return activation === 'relu' ? Math.max(0, z) : z;
      }),
    Array.from(x),
  );

/** The least costᵀy over a box: one linear program in x for each pattern of active units. */
async function byPatterns(
  engine: HighsEngine,
  network: readonly Layer[],
  cost: readonly number[],
  n: number,
): Promise<number> {
  const units = network.reduce((count, { bias, activation }) => count + (activation === 'relu' ? bias.length : 0), 0);
  let least = Number.POSITIVE_INFINITY;
  for (let pattern = 0; pattern < 2 ** units; pattern++) {
    let unit = 0;
    const A: number[][] = [];
    const rowUpper: number[] = [];
    let map: number[][] = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n + 1 }, (_, j) => (i === j ? 1 : 0)),
    );
    for (const { weights, bias, activation } of network) {
      map = weights.map((row, i) => {
        const z = Array.from({ length: n + 1 }, (_, j) =>
          row.reduce((sum, w, k) => sum + w * map[k][j], j === n ? bias[i] : 0),
        );
        if (activation === 'identity') return z;
        const active = ((pattern >> unit++) & 1) === 1;
        // Active: −z ≤ 0; not: z ≤ 0.
        A.push(z.slice(0, n).map((v) => (active ? -v : v)));
        rowUpper.push(active ? z[n] : -z[n]);
        return active ? z : z.map(() => 0);
      });
    }
    const objective = Array.from({ length: n + 1 }, (_, j) => cost.reduce((sum, c, k) => sum + c * map[k][j], 0));
    const box = { lower: new Array<number>(n).fill(-1), upper: new Array<number>(n).fill(1) };
    const rowLower = A.map(() => Number.NEGATIVE_INFINITY);
    const lp = { ...box, A, rowLower, rowUpper, cost: objective.slice(0, n), constant: objective[n] };
    const { status, objective: value } = await engine.solve(modelOf(lp));
    if (status === 'converged') least = Math.min(least, value!);
  }
  return least;
}

const binaries = (model: Model): number =>
  model.variables.integer.filter((whole, j) => whole === 1 && model.variables.lower[j] < model.variables.upper[j])
    .length;

/** Compares the least output of a random network in a box with that of all patterns of its units. */
export async function comparedWithPatterns(engine: HighsEngine, seed: number, sizes: readonly number[]): Promise<void> {
  const network = randomNetwork(seed, sizes);
  const cost = Array.from({ length: sizes.at(-1)! }, (_, k) => (k % 2 === 0 ? 1 : -0.7));
  const exact = await byPatterns(engine, network, cost, sizes[0]);
  for (const tight of [false, true]) {
    const program = new ReluProgram();
    const x = program.variables(sizes[0], { lower: -1, upper: 1 });
    const y = program.network(network, x);
    program.minimize(y.map((j, k) => [j, cost[k]]));
    const before = program.open;
    if (tight) expect(await program.tighten(engine)).toBeLessThanOrEqual(before);
    expect(binaries(program.model())).toBe(program.open);
    const found = await program.solve(engine, { mipGap: 1e-9 });
    expect(found.status).toBe('converged');
    expect(found.objective).toBeCloseTo(exact, 6);
    // The point is one of the network.
    const inputs = x.map((j) => found.x![j]);
    expect(y.map((j) => found.x![j])).toEqual(evaluate(network, inputs).map((v) => expect.closeTo(v, 6)));
  }
}
