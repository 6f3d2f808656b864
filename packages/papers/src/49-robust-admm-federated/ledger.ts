import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

const harder =
  'The error is also compared with that of the mean of the fits of all clients: it is smaller with little noise only. Without noise, the mean and the simpler form are not exact.';

const drift =
  'The form with duals, the mean of the fits and links without noise do not follow the law; the simpler form drifts about another point at the same speed.';

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
      harder: 'The growth is also compared with a law of its speed, which these two do not follow.',
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
      harder: drift,
    },
    {
      from: 'abstract',
      says: 'The mean and the mean square error are predicted by theory.',
      state: 'narrowed',
      why: 'The law of the drift is ours; the formulas of the paper could not be had.',
      claims: ['drift'],
      fidelity: 'full',
      harder: drift,
    },
  ],
  ours: ['against-average', 'tables'],
  rivalsLeftOut: [],
  asWell: {
    'link-noise': 'with the mean of the fits of all clients, and with wₙ broadcast in place of 2wₙ − wₙ₋₁',
    'against-average': 'with wₙ broadcast in place of 2wₙ − wₙ₋₁',
    drift: 'with wₙ broadcast in place of 2wₙ − wₙ₋₁',
    steady: 'with the mean of the fits of all clients, and with the form with duals',
  },
});
