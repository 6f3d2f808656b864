import type { MethodContext, Proposals, Stop } from './method.ts';
import type { Space } from './space.ts';

/** Maximum number of rounds, each with fixed multipliers. */
const ROUNDS = 60;
/**
 * The penalty parameter is multiplied by ten, up to this limit, if a round has not reduced the violation to a quarter.
 */
const HEAVIEST = 1e14;
/** Initial step sizes of rounds after the first, relative to those of the first. */
const NEARER = 0.1;

/**
 * Minimises f subject to g(x) ≤ 0 without derivatives: each round minimises f + Σ (max(0, μ + ρg)² − μ²)/(2ρ) by an
 * unconstrained method from where the last round ended, then updates the multipliers μ (Hestenes 1969; Powell 1969;
 * Rockafellar 1973). It is resumed with rows of f and g; a row that is not finite counts as +∞.
 */
export function* augmentedLagrangian(
  context: MethodContext,
  constraints: number,
  feasibility: number,
  method: (context: MethodContext) => Proposals,
): Proposals {
  const width = 1 + constraints;
  const { space } = context;
  const first: Float64Array = yield [space.start.slice()];
  const violation2 = first.subarray(1).reduce((sum, g) => sum + Math.max(0, g) ** 2, 0);
  const guess = (2 * Math.abs(first[0])) / violation2;
  // Birgin and Martínez 2014: f and the penalty are of the same order at the start, within limits.
  let rho = Number.isFinite(guess) ? Math.min(Math.max(guess, 1e-3), 1e3) : 10;
  let multipliers = new Float64Array(constraints);
  let start = space.start;
  let last = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const lagrangian = (row: Float64Array): number => {
      let sum = row[0];
      multipliers.forEach((mu, i) => {
        const pull = Math.max(0, mu + rho * row[1 + i]);
        sum += (pull * pull - mu * mu) / (2 * rho);
      });
      return Number.isFinite(sum) ? sum : Number.POSITIVE_INFINITY;
    };
    const scale = round === 0 ? 1 : NEARER;
    const near = Object.assign(Object.create(space) as object, {
      start,
      step: space.step.map((v) => scale * v),
      begun: true,
    }) as Space;
    const run = method({ ...context, space: near, random: context.random.split(round), restarts: 0 });
    let least = Number.POSITIVE_INFINITY;
    let best: Float64Array | undefined;
    let next = run.next();
    while (!next.done) {
      const points: readonly Float64Array[] = next.value;
      const rows: Float64Array = yield points;
      const values = Float64Array.from(points, (_, k) => lagrangian(rows.subarray(k * width, (k + 1) * width)));
      values.forEach((value, k) => {
        if (!(value < least)) return;
        least = value;
        start = space.feasible(points[k]);
        best = rows.slice(k * width, (k + 1) * width);
      });
      next = run.next(values);
    }
    if (!best) return { status: 'stalled', message: next.value.message };
    if (next.value.status === 'diverged') return next.value;
    const g = best.subarray(1);
    const violation = g.reduce((most, v) => Math.max(most, v), 0);
    const infeasible = g.reduce((most, v, i) => Math.max(most, Math.abs(Math.max(v, -multipliers[i] / rho))), 0);
    multipliers = multipliers.map((mu, i) => Math.max(0, mu + rho * g[i]));
    if (infeasible <= feasibility && next.value.status === 'converged') return CONVERGED;
    if (infeasible > 0.25 * last) {
      if (rho >= HEAVIEST) {
        return violation > feasibility
          ? {
              status: 'infeasible',
              message: `No point was found that satisfies all constraints to within ${feasibility}.`,
            }
          : { status: 'stalled', message: 'The multipliers of the constraints do not converge.' };
      }
      rho *= 10;
    }
    last = infeasible;
  }
  return { status: 'stalled', message: 'The multipliers of the constraints do not converge.' };
}

const CONVERGED: Stop = {
  status: 'converged',
  message: 'The constraints hold, and their multipliers have converged.',
};
