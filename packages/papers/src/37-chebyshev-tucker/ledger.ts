import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Product Chebyshev interpolation and a Tucker decomposition of the coefficients avoid large grids.',
      state: 'checked',
      claims: ['functions'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Tucker ranks are close to those of a decomposition of a large grid-based tensor, and much smaller than the polynomial degrees.',
      state: 'narrowed',
      why: 'On four functions, against a higher-order SVD of a grid of 129³ points; linear interpolation on a grid has the same ranks, so that they are a check and errors and samples decide.',
      claims: ['functions'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The approximation has controllable accuracy.',
      state: 'narrowed',
      why: 'At the tolerance 1e-7 of the paper and up to 129 points along each axis.',
      claims: ['functions'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The long-range part of potentials of many particles has small ranks, which depend weakly on their number.',
      state: 'narrowed',
      why: 'Up to 600 random charges instead of molecules and lattices, whose data are not available.',
      claims: ['particles'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'The full Newton kernel is not resolved at degree 128: only its long-range part is.',
      state: 'checked',
      claims: ['split-needed'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The method is efficient for lattice-type compounds.',
      state: 'not checked',
      why: 'The lattice of 2304 particles is not available.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Error and complexity estimates are given.',
      state: 'not checked',
      why: 'They are theorems; the tests compare the error of the decomposition with the discarded singular values.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [
    {
      name: 'Tucker ALS on the grid',
      why: 'It refines the bases of a higher-order SVD at given ranks, which are what is compared.',
    },
  ],
});
