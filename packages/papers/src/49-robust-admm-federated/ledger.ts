import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

const harder =
  'Nearness to the truth is told apart from averaging where the claim against the mean of the fits of all clients holds; exactness is told apart from it and from the simpler form.';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'card',
      says: 'Without noise it converges to the solution of all rows under any scheduling.',
      state: 'checked',
      claims: ['exact'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'It is robust to random scheduling of clients and to noisy links, beside the ADMM with dual variables.',
      state: 'checked',
      claims: ['against-dual', 'link-noise'],
      fidelity: 'full',
      harder,
    },
    {
      from: 'abstract',
      says: 'Without the dual variable, a client needs one noisy model for an update, not two.',
      state: 'checked',
      claims: ['one-message'],
      fidelity: 'full',
      harder,
    },
    {
      from: 'abstract',
      says: 'Its mean square error has a steady state over noisy links.',
      state: 'contradicted',
      why: 'Not reproduced: noise moves the invariant of the reconstructed update at random, so that the error grows with the rounds.',
      claims: ['steady'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Clients that are not selected go on with their updates, which improves accuracy.',
      state: 'contradicted',
      why: 'Not reproduced: repeated steps break the invariant of the reconstructed update; the variant of the paper must differ.',
      claims: ['continual'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Where all clients take part over noisy links, the form with duals has a bounded error and the robust form drifts.',
      state: 'checked',
      claims: ['everyone', 'drift'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The mean and the mean square error are predicted by theory.',
      state: 'narrowed',
      why: 'The law of the drift is ours; the formulas of the paper could not be had.',
      claims: ['drift'],
      fidelity: 'full',
    },
  ],
  ours: ['against-average', 'tables'],
  rivalsLeftOut: [],
});
