import type { Experiment } from '../experiment.ts';
import { canyonExperiment } from './canyon.ts';
import { gradientExperiment } from './gradient.ts';
import { libraryMethod, type Told } from './lab.ts';

/** Every experiment with swarms that are told something else than the values. */
export const experimentsWith = (told: Told): readonly Experiment[] => [
  canyonExperiment(told),
  gradientExperiment(told),
];

export const experiments = experimentsWith(libraryMethod);
