import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'With one message per person the error of any estimator is at least of order √(dk log d)/(√n·ε).',
      state: 'not checked',
      why: 'A lower bound over all estimators; no experiment can decide it.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'An estimator from one message per person has an error of order d√k/(√n·ε).',
      state: 'narrowed',
      why: 'The exponent of d is compared with that of the estimator with public data, for three d at ε = 8; n and k are not varied.',
      claims: ['dimension-and-privacy'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Public unlabelled data lower the error by a factor of √d.',
      state: 'narrowed',
      why: 'At each n with the same ε for the vector, and by the exponents of d; the rest of the gain is due to ε, which is not divided then.',
      claims: ['public-data', 'dimension-and-privacy'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'With public data the error falls as 1/√n.',
      state: 'checked',
      claims: ['rate'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The estimator without privacy is a new and efficient closed-form estimator.',
      state: 'not checked',
      why: 'No experiment compares it without noise; one lasso fit without privacy is shown.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'With interaction the error of any estimator is at least of order √(dk)/(√n·ε).',
      state: 'not checked',
      why: 'A lower bound over all estimators; no experiment can decide it.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'A corrected method with interaction has an error of order k√d/(√n·ε).',
      state: 'narrowed',
      why: 'Its error at one d and k beside those of other estimators, with bounds that are tighter than those of the theory and as many coefficients as there are; the exponents are not measured.',
      claims: ['interaction'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Local privacy differs fundamentally from the central model and from no privacy.',
      state: 'not checked',
      why: 'It compares bounds; estimators of the central model are not implemented.',
      claims: [],
    },
  ],
  ours: ['regularised-inverse', 'one-report'],
  rivalsLeftOut: [
    {
      name: 'LDP-IHT of Wang and Xu',
      why: 'The algorithm is that of the rounds; the paper corrects its bound.',
    },
    {
      name: 'lasso without privacy',
      why: 'It bounds what can be reached and is no rival: its error is shown beside the others.',
    },
  ],
});
