import type { Experiment } from '../experiment.ts';
import { crossover } from './crossover.ts';
import { falseMinima } from './falseMinima.ts';
import { type Method, methodOfLibrary } from './lab.ts';
import { smallBatches } from './smallBatches.ts';
import { widePls } from './widePls.ts';

/** Every experiment with the given method in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] => [
  smallBatches(method),
  falseMinima(method),
  widePls(method),
  crossover(method),
];

export const experiments = experimentsWith(methodOfLibrary);
