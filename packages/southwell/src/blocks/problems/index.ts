export { type SmoothFunctions, smoothProblem } from './custom.ts';
export { graphLabelPropagation, type LabelPropagationProblem } from './labelPropagation.ts';
export { leastSquares } from './leastSquares.ts';
export type { LinearModel } from './linearModel.ts';
export { logistic } from './logistic.ts';
export { type Quadratic, quadratic } from './quadratic.ts';
export { type Softmax, softmax } from './softmax.ts';
