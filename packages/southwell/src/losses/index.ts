export { logistic, softplusMinus, squaredHinge, squaredSlack } from './classification.ts';
export { type CoxTies, cox, type SurvivalTarget } from './cox.ts';
export type { BoundedLoss, BoundLoss, Kinks, Loss } from './loss.ts';
export { gamma, huber, poisson, quantile, squared } from './regression.ts';
export { tweedie } from './tweedie.ts';
