import { type Layer, parameterShapes } from '@southwell/autodiff/nn';

/** How many numbers the parameters of a network are, without making them. */
export const parameterNumbers = (layer: Layer): number =>
  Object.values(parameterShapes(layer)).reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
