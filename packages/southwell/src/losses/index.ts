export { logistic, softplusMinus, squaredHinge, squaredSlack } from './classification.ts';
export { type CoxTies, cox, type SurvivalTarget, strataOf } from './cox.ts';
export { logCosh } from './logCosh.ts';
export type { BaselineHazard, Bends, BoundedLoss, BoundLoss, Couplings, Kinks, Loss } from './loss.ts';
export { lossParameters } from './parameters.ts';
export { gamma, huber, poisson, quantile, squared } from './regression.ts';
export { tweedie } from './tweedie.ts';
