import { elementary } from '@southwell/numerics/special';
import { type LdpOptions, ldpSparseRegression, seededSource } from 'southwell/private-models';

/** The displayed report mechanisms, for one feature and bounds of 1. */
export const shown = {
  'Gaussian, δ = 1e-5': { d: 1, delta: 1e-5, mode: 'public', clip: { x: 1, y: 1 } },
  Laplace: { d: 1, mode: 'public', clip: { x: 1, y: 1 } },
  sphere: { d: 4, mode: 'sequential', clip: { x: 1, y: 1 }, sparsity: 4, rounds: 1 },
} as const satisfies Record<string, Omit<LdpOptions, 'epsilon'>>;
export type Shown = keyof typeof shown;

/**
 * Reports of a person at one extreme (x = y = 1) or at the other (y = −1), along the direction that distinguishes them,
 * in units of the bound.
 */
export function reportsOf(name: Shown, epsilon: number, n: number, seed: number): { near: number[]; far: number[] } {
  const options: LdpOptions = { ...shown[name], epsilon };
  const client = ldpSparseRegression(options).client({ source: seededSource(seed) });
  const { d } = options;
  const x = new Float64Array(d).fill(1);
  const round = options.mode === 'sequential' ? { round: 1, theta: new Float64Array(d) } : {};
  const units = options.mode === 'sequential' ? -d : 1;
  // The report of the extreme itself without noise, in units of the grid.
  const one = (y: number) => client.encode(x, y, round).vector.reduce((sum, v) => sum + v, 0) / units;
  return { near: Array.from({ length: n }, () => one(1)), far: Array.from({ length: n }, () => one(-1)) };
}

/**
 * How often an observer who knows both extremes guesses the sender of a report correctly: both mechanisms and extremes
 * are symmetric.
 */
export const guessedRight = ({ near, far }: { near: readonly number[]; far: readonly number[] }): number =>
  (near.filter((v) => v > 0).length + far.filter((v) => v < 0).length) / (near.length + far.length);

/**
 * The maximum success rate of any guess under (ε, δ): error rates a, b satisfy a + e^ε·b ≥ 1 − δ and b + e^ε·a ≥ 1 − δ.
 */
export function mostGuessed(epsilon: number, delta: number): number {
  const odds = elementary.exp(epsilon);
  return (odds + delta) / (1 + odds);
}
