import type { Experiment } from '../experiment.ts';
import { condition } from './condition.ts';
import { errors } from './errors.ts';
import { libraryMethod, type Method } from './lab.ts';
import { rankCost } from './rankCost.ts';
import { ratings } from './ratings.ts';
import { samples } from './samples.ts';
import { sweeps } from './sweeps.ts';

/** Every experiment with the given method in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] =>
  [errors, sweeps, rankCost, samples, condition, ratings].map((make) => make(method));

export const experiments = experimentsWith(libraryMethod);
