import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Tucker decomposition is generalised to continuous indices, with Gaussian processes as factor functions.',
      state: 'checked',
      claims: ['two-dimensional'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The advantage is shown on synthetic data.',
      state: 'narrowed',
      why: 'On a field of ours over three axes, beside grid CP and a Gaussian process.',
      claims: ['three-dimensional'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The advantage is shown in several real-world applications.',
      state: 'narrowed',
      why: 'On dust at two of twelve stations in Beijing, whose days, hours and latitudes form a grid.',
      claims: ['stations'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'State-space priors make inference efficient.',
      state: 'not checked',
      why: 'No claim measures time; the tests compare the smoother with a dense Gaussian process.',
      claims: [],
    },
    {
      from: 'card',
      says: 'It is ahead of grid Tucker, functional tensor trains and regressions on air quality and on temperature in the US.',
      state: 'not checked',
      why: 'Other data and rivals than here.',
      claims: [],
    },
  ],
  ours: ['coverage'],
  asWell: { coverage: 'with the intervals of the posterior' },
  rivalsLeftOut: [
    { name: 'Tucker decomposition of a grid', why: 'CP stands for decompositions of a grid.' },
    { name: 'functional tensor trains', why: 'The library has none.' },
    { name: 'support vector regression', why: 'The Gaussian process stands for regressions.' },
  ],
});
