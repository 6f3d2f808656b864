import type { Experiment } from '../experiment.ts';
import { clustering } from './clustering.ts';
import { fewShot } from './fewShot.ts';
import { libraryMethod, type Method } from './lab.ts';

/** Every experiment with the given method in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] => [fewShot(method), clustering(method)];

export const experiments = experimentsWith(libraryMethod);
