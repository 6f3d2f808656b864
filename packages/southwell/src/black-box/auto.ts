import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { MethodContext, Proposals } from './method.ts';
import { interpolated, type Prediction } from './methods/bobyqa/bobyqa.ts';
import { cmaEs } from './methods/cmaEs.ts';

export type AutoOptions = Readonly<Record<never, never>>;

export const autoKeys: OptionKeys<AutoOptions> = {};

/** Beyond that a quadratic's 2n + 1 first points, one at a time from then on, are no bargain. */
const MOST_COORDINATES = 100;

/**
 * BOBYQA where f looks smooth, else CMA-ES. Smooth is what gives the same value at the same point and what the quadratic
 * foresees: of the new points while the trust region is of the order of the first steps, at most half may be off by more than what
 * the model said f would change by there. And it has to end in 100 evaluations a coordinate. Where that fails CMA-ES begins as if there had been nothing before. Restarts
 * after a smooth run are CMA-ES, too, since another descent would know no more of other valleys.
 */
export function* auto(context: MethodContext, options: AutoOptions = {}): Proposals {
  knownKeys('auto', options, autoKeys);
  const { space, restarts } = context;
  const refused =
    space.categories.length > 0
      ? 'Coordinates have categories'
      : space.integer.length > 0
        ? 'Coordinates are whole'
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
      context.explain(`A quadratic model came to no end in ${evaluations} evaluations: CMA-ES from the start.`);
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
      context.explain(`A quadratic model foresaw too little of ${seen.length} new values: CMA-ES from the start.`);
      return yield* cmaEs(context);
    }
  }
  const { status } = next.value;
  const found = finite ? 'A quadratic model foresaw what the values would be' : 'No value was a finite number';
  if (status === 'converged' && restarts === 0) {
    context.explain(`${found}: BOBYQA.`);
    return next.value;
  }
  context.explain(
    status === 'converged'
      ? `${found}: BOBYQA, then CMA-ES for the restarts.`
      : 'The quadratic model came to no end: CMA-ES from the start.',
  );
  return yield* cmaEs(status === 'converged' ? { ...context, restarts: restarts - 1 } : context);
}

/** Evaluations a coordinate after which CMA-ES is no slower: f is ill-conditioned. */
const PATIENCE = 100;
/** Values until which nothing is decided. */
const LEAST = 4;
/** The radius, in first steps, above which new points tell of ruggedness; any f is smooth near enough. */
const COARSE = 0.05;

function foreseen(seen: readonly Prediction[]): boolean {
  const coarse = seen.filter(({ rho }) => rho > COARSE);
  if (coarse.length < LEAST) return true;
  const good = coarse.filter(({ predicted, error }) => Math.abs(error) <= Math.abs(predicted)).length;
  return 2 * good >= coarse.length;
}
