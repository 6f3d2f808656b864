import type { Random } from '@southwell/numerics/core';

/** Whether the noise is scaled by the distance in all directions, or in each coordinate by its own component. */
export type Diffusion = 'isotropic' | 'anisotropic';

export interface ParticleStep {
  /** Δt. */
  readonly dt: number;
  /** Drift λ. */
  readonly lambda: number;
  /** Noise σ. */
  readonly sigma: number;
  readonly diffusion: Diffusion;
}

/**
 * An Euler–Maruyama step of a particle x towards the centre c, in place: x ← x − λΔt(x − c) + σ√Δt D(x − c)ξ with
 * normal ξ; D is ‖x − c‖₂ times the identity, or the diagonal of |x − c|. O(n).
 */
export function moveParticle(
  x: Float64Array,
  centre: Float64Array,
  { dt, lambda, sigma, diffusion }: ParticleStep,
  random: Random,
): void {
  const isotropic = diffusion === 'isotropic';
  const root = Math.sqrt(dt);
  let length = 0;
  if (isotropic) {
    for (let j = 0; j < x.length; j++) length += (x[j] - centre[j]) ** 2;
    length = Math.sqrt(length);
  }
  for (let j = 0; j < x.length; j++) {
    const away = x[j] - centre[j];
    const spread = isotropic ? length : Math.abs(away);
    x[j] += -lambda * dt * away + sigma * root * spread * random.normal();
  }
}
