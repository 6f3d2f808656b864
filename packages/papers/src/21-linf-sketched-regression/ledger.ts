import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'A dense sketch of ε⁻²d·log³(n/δ) rows gives every coefficient an error of at most ε/√d·‖Ax* − b‖‖A⁺‖, with probability 1 − δ.',
      state: 'narrowed',
      why: 'Three hard instances, with a factor of 4 in place of the logarithms at m = 16d; no experiment can decide a bound for all A and b.',
      claims: ['even-error'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'The number of rows grows with ε⁻², so that the error of a coefficient falls with the square root of the rows.',
      state: 'checked',
      claims: ['rate'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The guarantee for every coefficient needs dense sketches: sparse ones and samples of rows cannot give it.',
      state: 'narrowed',
      why: 'CountSketch, OSNAP with four signs per row, and two samples of rows, each on an instance that is hard for it; other sparse sketches are not tried.',
      claims: ['sparse-fails'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The sketch of A is computed in O(nd log n) operations.',
      state: 'narrowed',
      why: 'Operations are counted by formula and compared with those of a direct factorisation at one size of A; the seconds beside them depend on the machine.',
      claims: ['speed'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The number of rows is optimal up to logarithms, and fewer than the ε⁻²d^(1+γ) of Price, Song and Woodruff.',
      state: 'not checked',
      why: 'Both are bounds for the same sketch, so that no run of it tells them apart.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'The analysis by coordinate-wise embeddings is simpler and more general than the earlier one.',
      state: 'not checked',
      why: 'It is about a proof; the proof is known to have a gap, see the counterexample among our claims.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'The result extends to dense sketches of tensor products of vectors.',
      state: 'not checked',
      why: 'The library has such a sketch, and tests it against the formed product, but no experiment measures its errors.',
      claims: [],
    },
  ],
  ours: ['refinement', 'proof-gap', 'normal-weights'],
  rivalsLeftOut: [
    {
      name: 'SRHT with the rows of Price, Song and Woodruff',
      why: 'It is the same sketch with more rows, and `rate` has it with up to 64d.',
    },
  ],
});
