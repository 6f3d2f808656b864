import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Alternating minimisation tolerates moderate errors of approximate updates.',
      state: 'narrowed',
      why: 'Random errors of a tenth to 1e-5 in every regression, on planted matrices.',
      claims: ['linear-errors'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Regressions that are solved as loosely as the present error allows reach any accuracy.',
      state: 'narrowed',
      why: 'By conjugate gradients without a sketch, to a relative error of 1e-8.',
      claims: ['loose-tolerance'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The time is Õ(|Ω|k), where all earlier alternating minimisation takes Õ(|Ω|k²).',
      state: 'narrowed',
      why: 'Multiply-adds at ranks up to 64: conjugate gradients have the exponent 1 on orthonormal factors; sketched regressions, which are the method of the paper, add terms in k³ for each line.',
      claims: ['cost-in-rank', 'sketch-cost'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'A sketch as preconditioner solves tall regressions to high accuracy.',
      state: 'checked',
      claims: ['sketch-equals-exact'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'A number of entries that is nearly linear in n suffices, as many as for exact updates.',
      state: 'narrowed',
      why: 'Shares of entries at one size each and exact updates; how the number grows with n, rank and condition is not measured. In the paper every half-step has fresh entries, with which runs fail here.',
      claims: ['fresh-samples'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Sketched regressions predict ratings as well as exact ones.',
      state: 'narrowed',
      why: 'Simulated ratings stand for MovieLens 100K, which may not be passed on.',
      claims: ['ratings'],
      fidelity: 'scaled',
      harder: 'Factors of condition 1e5 (`sketch-equals-exact`, `sketch-cost`), where plain conjugate gradients fail.',
    },
    {
      from: 'abstract',
      says: 'The analysis is a framework for errors in alternating minimisation.',
      state: 'not checked',
      why: 'It is about a proof.',
      claims: [],
    },
  ],
  ours: ['condition-number'],
  asWell: { ratings: 'with plain conjugate gradients in place of sketched ones' },
  rivalsLeftOut: [
    {
      name: 'Gradient descent on the factors, soft-impute, singular value thresholding',
      why: 'They are drawn beside the method, without a measure: the paper compares with exact updates only.',
    },
    { name: 'Kelner, Li, Liu, Sidford and Tian 2023', why: 'It is another approach, which the library does not have.' },
  ],
});
