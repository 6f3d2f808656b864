import { knownKeys } from '@southwell/numerics/core';
import type { MethodContext, Proposals } from './method.ts';
import { interpolated, type Prediction } from './methods/bobyqa/bobyqa.ts';
import { cmaEs } from './methods/cmaEs.ts';

export type AutoOptions = Readonly<Record<never, never>>;

/**
 * Beyond this number the 2n + 1 initial points of a quadratic model, followed by one point at a time, cost too much.
 */
const MOST_COORDINATES = 100;

/**
 * BOBYQA where f looks smooth, otherwise CMA-ES. f counts as smooth if it returns the same value at the same point and
 * the quadratic model predicts it: of the new points while the trust region is of the order of the initial step sizes,
 * at most half may have an error larger than the predicted change of f. BOBYQA must also converge within 100
 * evaluations per coordinate. If any of this fails, CMA-ES starts afresh. Restarts after a smooth run use CMA-ES too,
 * since another local descent would not help to find other valleys.
 */
export function* auto(context: MethodContext, options: AutoOptions = {}): Proposals {
  knownKeys('auto', options, {});
  const { space, restarts } = context;
  const refused =
    space.categories.length > 0
      ? 'Coordinates have categories'
      : space.integer.length > 0
        ? 'Coordinates are integers'
        : space.dim > MOST_COORDINATES
          ? `There are more than ${MOST_COORDINATES} coordinates`
          : undefined;
  if (refused) {
    context.explain(`${refused}: CMA-ES.`);
    return yield* cmaEs(context);
  }
  const seen: Prediction[] = [];
  const run = interpolated(space, (prediction) => void seen.push(prediction));
  context.explain('A quadratic model is tried first: BOBYQA.');
  let next = run.next();
  let first = true;
  let evaluations = 0;
  let finite = false;
  while (!next.done) {
    const points: readonly Float64Array[] = next.value;
    const values: Float64Array = yield points;
    evaluations += points.length;
    finite ||= values.some(Number.isFinite);
    if (evaluations > PATIENCE * space.dim) {
      context.explain(`BOBYQA did not converge in ${evaluations} evaluations: CMA-ES from the start.`);
      return yield* cmaEs(context);
    }
    if (first) {
      const [again] = yield [points[0].slice()];
      if (again !== values[0]) {
        context.explain('The same point gave two values: CMA-ES from the start.');
        return yield* cmaEs(context);
      }
      first = false;
    }
    next = run.next(values);
    if (!foreseen(seen)) {
      context.explain(`A quadratic model predicted too few of ${seen.length} new values: CMA-ES from the start.`);
      return yield* cmaEs(context);
    }
  }
  const { status } = next.value;
  const found = finite ? 'A quadratic model predicted the values' : 'No value was a finite number';
  if (status === 'converged' && restarts === 0) {
    context.explain(`${found}: BOBYQA.`);
    return next.value;
  }
  context.explain(
    status === 'converged'
      ? `${found}: BOBYQA, then CMA-ES for the restarts.`
      : 'BOBYQA did not converge: CMA-ES from the start.',
  );
  return yield* cmaEs(status === 'converged' ? { ...context, restarts: restarts - 1 } : context);
}

/** Evaluations per coordinate after which CMA-ES is no slower: f is ill-conditioned. */
const PATIENCE = 100;
/** Number of values before a decision is made. */
const LEAST = 4;
/**
 * Trust-region radius, in initial step sizes, above which new points reveal ruggedness; at small scales any f is
 * smooth.
 */
const COARSE = 0.05;

function foreseen(seen: readonly Prediction[]): boolean {
  const coarse = seen.filter(({ rho }) => rho > COARSE);
  if (coarse.length < LEAST) return true;
  const good = coarse.filter(({ predicted, error }) => Math.abs(error) <= Math.abs(predicted)).length;
  return 2 * good >= coarse.length;
}
