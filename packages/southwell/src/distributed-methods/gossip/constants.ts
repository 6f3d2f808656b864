/** What the linear flow and the jumps of DADAO are made of. */
export interface DadaoConstants {
  /** μ / 2. */
  readonly nu: number;
  /** Rate at which Y follows Ỹ, and Z follows Z̃; X and X̃ approach each other with half of it each, and so does Z̃ follow Z. */
  readonly alpha: number;
  readonly theta: number;
  /** Part of m that moves Z in a communication, and of Z̃. */
  readonly beta: number;
  readonly betaTilde: number;
  /** Steps of X, X̃ and Ỹ at a gradient. */
  readonly gamma: number;
  readonly gammaTilde: number;
  readonly delta: number;
}

/**
 * The constants of DADAO for μ-strongly convex functions with L-Lipschitz gradients and a Laplacian of rates with χ₁χ₂ ≤ ½. Source: Nabli
 * and Oyallon (ICML 2023), Theorem 3.2, and the code of the authors.
 */
export function dadaoConstants(mu: number, L: number, chi1: number): DadaoConstants {
  const nu = mu / 2;
  const r = Math.sqrt(nu / L);
  return {
    nu,
    alpha: r / 4,
    theta: 1 / (2 * r),
    beta: 0.5,
    betaTilde: (2 * chi1) / r,
    gamma: 1 / (4 * L),
    gammaTilde: 1 / (4 * Math.sqrt(L * nu)),
    delta: r / 4 + 1,
  };
}
