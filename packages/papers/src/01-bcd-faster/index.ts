import type { Experiment } from '../experiment.ts';
import { activeSetComplexity, superlinearTail } from './activeSet.ts';
import { figure4 } from './figures/figure4.ts';
import { figure5 } from './figures/figure5.ts';
import { figure6 } from './figures/figure6.ts';
import { figure7, figure13 } from './figures/figure7.ts';
import { figure8 } from './figures/figure8.ts';
import { figure9 } from './figures/figure9.ts';
import { figure10 } from './figures/figure10.ts';
import { figure11 } from './figures/figure11.ts';
import { figure12 } from './figures/figure12.ts';
import { libraryMethod, type Method } from './lab.ts';

/** Every experiment with the given method in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] =>
  [
    figure4,
    figure5,
    figure6,
    figure7,
    figure8,
    figure9,
    figure10,
    figure11,
    figure12,
    figure13,
    activeSetComplexity,
    superlinearTail,
  ].map((make) => make(method));

export const experiments = experimentsWith(libraryMethod);
