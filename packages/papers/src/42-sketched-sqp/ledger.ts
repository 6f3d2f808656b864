import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'card',
      says: 'On a PDE-constrained problem four outer steps with rows, and six with Gaussian combinations, reach a KKT residual of 1e-4.',
      state: 'checked',
      claims: ['few-outer-steps'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The method is superior on constrained logistic regression with data from LIBSVM.',
      state: 'narrowed',
      why: 'Outer steps beside those of GMRES ℓ₁-SQP, on made rows of the sizes of three sets; those sets do not ship. Its adaptive form takes about as few.',
      claims: ['logistic'],
      fidelity: 'scaled',
      harder:
        'The classic problems, where weights that never adapt solve too few; systems of the regressions are solved as far as the budget allows either way.',
    },
    {
      from: 'card',
      says: 'Nine of ten CUTEst problems are solved in a median of at most ten outer steps.',
      state: 'checked',
      claims: ['test-problems'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The method is superior on problems of CUTEst.',
      state: 'narrowed',
      why: 'Fifteen of the 47 problems, by problems solved and outer steps beside adaptive GMRES ℓ₁-SQP; the results that come with the code have 45 of 47 solved, and 47 by the adaptive method.',
      claims: ['superior'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'A unit step size is admissible locally, so that convergence is at least linear.',
      state: 'narrowed',
      why: 'MARATOS and fourteen other small problems.',
      claims: ['unit-steps'],
      fidelity: 'scaled',
      harder:
        'MARATOS from points of the circle, where the ℓ₁ penalty rejects accurate Newton steps, but not the inaccurate ones of GMRES.',
    },
    {
      from: 'abstract',
      says: 'Convergence is superlinear if systems are solved more and more accurately.',
      state: 'narrowed',
      why: 'The last steps on fifteen small problems, to residuals that shrink with the square root of the KKT residual.',
      claims: ['superlinear'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Randomised solvers need significantly fewer operations per iteration, and less storage, than deterministic ones.',
      state: 'contradicted',
      why: 'One PDE-constrained problem on growing grids, by all operations to the same KKT residual rather than by those of an iteration; operations and bytes are counted by formula. From 768 unknowns on, 5·10⁷ rows do not reach it.',
      claims: ['cost'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The method converges globally, almost surely.',
      state: 'not checked',
      why: 'It is a theorem; no experiment decides it.',
      claims: [],
    },
  ],
  ours: ['row-blocks'],
  rivalsLeftOut: [],
  asWell: {
    logistic: 'with weights and accuracy that never adapt',
    'unit-steps': 'with GMRES on the ℓ₁ penalty',
  },
});
