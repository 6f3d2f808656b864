import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'If a global minimum is linearly stable for SGD, the trace of the Hessian is at most 2/η.',
      state: 'checked',
      claims: ['threshold', 'trace-bound'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The Frobenius norm of the Hessian relates to stability of the loss.',
      state: 'not checked',
      why: 'Its bound depends on the alignment of noise with curvature, which is not computed.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'For gradient descent, stability bounds the largest eigenvalue only.',
      state: 'narrowed',
      why: 'Shown by checks beside the runs of a diagonal network: full gradients reach solutions beyond the bound of the trace.',
      claims: ['trace-bound'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'In two-layer ReLU networks and diagonal linear networks these measures of sharpness are equivalent to norms of the parameters.',
      state: 'narrowed',
      why: 'The path norm of a two-layer network is compared with the trace, as a check; the norm of a diagonal network is reported.',
      claims: ['two-layer'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Stable minima of SGD generalise well, where those of gradient descent need not.',
      state: 'narrowed',
      why: 'By test errors on one sparse regression and one teacher, not by the bounds that are proved.',
      claims: ['generalisation', 'two-layer'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'A larger rate regularises more, and SGD with a larger rate generalises better.',
      state: 'narrowed',
      why: 'By traces and test errors over rates on one sparse regression and one teacher.',
      claims: ['trace-bound', 'generalisation', 'two-layer'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'The spectral radius of the map of second moments decides stability exactly.',
      state: 'checked',
      claims: ['threshold'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'With batches of B the trace is at most 2B/η, and larger batches bear larger rates.',
      state: 'narrowed',
      why: 'By the largest rates at which a diagonal network converges; the bound itself is a check.',
      claims: ['batches'],
      fidelity: 'scaled',
    },
  ],
  ours: [],
  rivalsLeftOut: [],
});
