import type { Experiment, Paper } from '../experiment.ts';
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

export const blockCoordinateDescentFaster: Paper = {
  number: 1,
  slug: '01-bcd-faster',
  title:
    "Let's Make Block Coordinate Descent Converge Faster: Faster Greedy Rules, Message-Passing, Active-Set Complexity, and Superlinear Convergence",
  authors: ['Julie Nutini', 'Issam Laradji', 'Mark Schmidt'],
  published: '2022',
  venue: 'Journal of Machine Learning Research 23(131), 1–74 (first version on arXiv in December 2017)',
  arxiv: '1712.08859',
  code: 'https://github.com/IssamLaradji/BlockCoordinateDescent',
  family: 'linear-models',
  summary:
    'Coordinate methods change a few variables at a time. This work asks which few and how. Choosing the block whose update lowers a quadratic bound most needs far fewer steps than choosing at random or by the size of the gradient; on sparse graphs a block may be a whole tree and still be solved exactly in linear time by passing messages; and with sparsity penalties the method finds the non-zero variables after a number of steps that can be bounded, after which second-order updates end in a step or two.',
  fidelity: {
    level: 'full',
    note: 'All data are synthetic and regenerated from their description at the sizes of the paper; sets A and E are not public, so their draws differ.',
  },
  experiments: experimentsWith(libraryMethod),
};
