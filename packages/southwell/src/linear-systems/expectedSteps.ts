/**
 * Estimated total number of steps at the present rate of convergence. Rough components of b vanish immediately, after
 * which there may be a plateau: the geometric mean of the estimates from all steps and from their second half, where
 * the latter is limited to four times the former.
 * @param steady For methods with smoothly decreasing residuals.
 */
export function expectedSteps(residuals: readonly number[], last: number, tol: number, steady: boolean): number {
  const steps = residuals.length - 1;
  const half = Math.floor(steps / 2);
  const from = (start: number) => {
    const gained = Math.log10(residuals[start] / last) / (steps - start);
    return gained > 0 ? steps + Math.log10(last / tol) / gained : Number.POSITIVE_INFINITY;
  };
  const whole = from(0);
  return steady ? Math.sqrt(whole * Math.min(from(half), 4 * whole)) : whole;
}
