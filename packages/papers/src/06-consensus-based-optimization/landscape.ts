import type { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

const { cos, exp, log } = elementary;

/**
 * The noisy canyon of the official code ("GrandCanyon3noisy"): a curved valley full of local minima, whose global
 * minimum 0 is at the origin. With c = 0.25 it is nearly smooth.
 */
export function canyon(x: number, y: number, c = 1.1625): number {
  const a = y - (0.125 * (x - 1) * (x - 4) * (x - 4) + 2);
  const b = -x - 1.6 * y;
  // Products, since the last bit of powers differs between engines.
  const [x2, a2] = [x * x, a * a];
  const valley = 25 * (1 - exp(-1.4 * a2 * exp(-0.002 * x2 * x2))) + 0.4 * x2 + 0.2 * y * y;
  const waves = c * (2 - cos(0.75 * Math.PI * x) - cos(0.75 * Math.PI * y));
  const wall = b > 0 ? 4 * exp(1 - 2 * a2 * a2) * (1 - exp(-9 * b * b)) : 0;
  return valley + waves + wall;
}

/** Where swarms begin; the defaults of the paper's figures. */
export const START = { x0: [8, 8], sigma: 0.5 };

/** Whether a distance from the global minimum counts as success. */
export const near = (distance: number): boolean => distance <= 0.25;

export interface Descent {
  readonly x: number;
  readonly y: number;
  readonly evaluations: number;
}

/**
 * Gradient descent by central differences (h = 1e-5), and with noise the annealed Langevin dynamics of the paper:
 * x ← x − ηΔt ∇E(x) + σ/log(k + 1) √Δt ξ, k = 1 … steps. Yields every hundredth point.
 */
export function* descend(random: Random, noise: number, steps: number, c?: number, dt = 1e-3): Generator<Descent> {
  const h = 1e-5;
  let [x, y] = [8, 8];
  for (let k = 1; k <= steps; k++) {
    const dx = (canyon(x + h, y, c) - canyon(x - h, y, c)) / (2 * h);
    const dy = (canyon(x, y + h, c) - canyon(x, y - h, c)) / (2 * h);
    const s = noise === 0 ? 0 : (noise / log(k + 1)) * Math.sqrt(dt);
    x -= dt * dx - (s === 0 ? 0 : s * random.normal());
    y -= dt * dy - (s === 0 ? 0 : s * random.normal());
    if (k % 100 === 0) yield { x, y, evaluations: 4 * k };
  }
}
