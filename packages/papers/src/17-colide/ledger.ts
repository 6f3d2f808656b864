import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'The score decouples the sparsity weight from the noise level: it need not be retuned when the noise changes.',
      state: 'narrowed',
      why: 'Equal noise of several variances on graphs of 10 or 20 variables, beside DAGMA with the same weight.',
      claims: ['one-weight'],
      fidelity: 'scaled',
      harder: 'Unequal noise, where the variances of the columns are far from those of the noise (one-weight-unequal).',
    },
    {
      from: 'abstract',
      says: 'It does so for noise of unequal variances, too.',
      state: 'narrowed',
      why: 'Two levels of noise on graphs of 10 or 40 variables, beside DAGMA with the same weight.',
      claims: ['one-weight-unequal'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Variances of noise have closed-form estimates, also where they differ.',
      state: 'narrowed',
      why: 'Their errors beside those of the residuals of DAGMA; the number of samples is not varied.',
      claims: ['unequal-noise', 'scale-estimate'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'It outperforms state-of-the-art methods, above all on larger graphs with heterogeneous noise.',
      state: 'narrowed',
      why: 'Gaussian noise on 10 or 40 variables in place of 200, beside DAGMA, GOLEM and SortNRegress, in wrong edges.',
      claims: ['fewest-edges'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'It adds no complexity.',
      state: 'not checked',
      why: 'A step costs O(d³) with and without the scale; seconds are shown, but those of two implementations are not comparable.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Standard deviations of its metrics are smaller than those of other methods.',
      state: 'not checked',
      why: 'It would need many more draws than these claims have.',
      claims: [],
    },
    {
      from: 'card',
      says: 'On the proteins of Sachs it has 12 or 13 wrong edges, other methods 13 to 16.',
      state: 'not checked',
      why: 'The data do not come with the product; a table made without an experiment is in the docs.',
      claims: [],
    },
    {
      from: 'card',
      says: 'It estimates noise as well as DAGMA with half of the samples.',
      state: 'not checked',
      why: 'All experiments have 1000 samples.',
      claims: [],
    },
  ],
  ours: [],
  asWell: { 'one-weight': 'with the scale of the noise held at its start, the least variance of a column' },
  rivalsLeftOut: [
    { name: 'NOTEARS', why: 'DAGMA has the same score without a scale, and the acyclicity function of CoLiDE.' },
  ],
});
