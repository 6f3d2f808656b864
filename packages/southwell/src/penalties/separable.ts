/**
 * A penalty Σ_j g_j(x_j). Coordinates are numbered over the whole problem, so that weights and bounds may differ.
 * Contains everything that block-coordinate and proximal methods need.
 */
export interface SeparablePenalty {
  readonly name: string;
  readonly convex: boolean;
  /** g_j(x); +∞ outside the domain. */
  value(j: number, x: number): number;
  /** argmin_u (u − z)²/(2·step) + g_j(u). */
  prox(j: number, z: number, step: number): number;
  /** Distance from −gradient to the subdifferential ∂g_j(x): zero exactly at a stationary coordinate. */
  subdifferentialDistance(j: number, x: number, gradient: number): number;
  /** Whether g_j is smooth at x, i.e. x is off its kinks and bounds and belongs to the support. */
  inSupport(j: number, x: number): boolean;
  /** g_j′(x) where {@link inSupport}. */
  derivative(j: number, x: number): number;
  /** g_j″(x) where {@link inSupport}. */
  curvature(j: number, x: number): number;
}
