import {
  bridgeRegression,
  coxRegression,
  elasticNet,
  gammaRegression,
  huberRegression,
  lasso,
  linearSvc,
  logisticRegression,
  mcpRegression,
  nnls,
  penalisedRegression,
  poissonRegression,
  quantileRegression,
  ridge,
  scadRegression,
  tweedieRegression,
} from './estimators.ts';
import type { Family } from './family.ts';
import type { Recipe } from './prepared.ts';
import { sketchedRegression } from './sketched.ts';
import { groupLasso } from './structured/groupLasso.ts';
import { multinomialRegression, multitaskLasso } from './structured/multiResponse.ts';
import { slope } from './structured/slope.ts';

/** The constructors of estimators by the method names of recipes. */
export const constructors: Record<string, (options: never) => unknown> = {
  lasso,
  'elastic-net': elasticNet,
  ridge,
  nnls,
  mcp: mcpRegression,
  scad: scadRegression,
  bridge: bridgeRegression,
  penalised: penalisedRegression,
  huber: huberRegression,
  quantile: quantileRegression,
  logistic: logisticRegression,
  svc: linearSvc,
  poisson: poissonRegression,
  gamma: gammaRegression,
  tweedie: tweedieRegression,
  cox: coxRegression,
  'group-lasso': groupLasso,
  multinomial: multinomialRegression,
  'multitask-lasso': multitaskLasso,
  slope,
  sketched: sketchedRegression,
};

/** Constructs an estimator from its recipe. */
export function fromRecipe({ method, options }: Recipe): Family<never, never, never> {
  return constructors[method](options as never) as Family<never, never, never>;
}
