import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Consensus-based optimisation behaves like stochastic gradient descent, although it uses values of the objective only.',
      state: 'narrowed',
      why: 'The first consensus step of a normal cloud on a quadratic, whose length is that of a gradient step; its direction is right for other sharpness, too.',
      claims: ['gradient-likeness'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'It converges to global minimisers of nonsmooth and nonconvex objectives, and overcomes energy barriers that stop gradient descent.',
      state: 'narrowed',
      why: 'On the canyon of the paper in two coordinates, from one start.',
      claims: ['canyon'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Consensus hopping behaves likewise: it reaches the global minimum in most runs.',
      state: 'checked',
      claims: ['hopping'],
      fidelity: 'full',
      harder:
        'Rastrigin in 2, 4 and 10 coordinates: consensus hopping with spreads of 0.3 and 0.7 ends no lower than the best of as many random points about the start.',
    },
    {
      from: 'card',
      says: 'Plain gradient descent from the same start sticks in the first local minimum, and annealed Langevin dynamics spread over many.',
      state: 'checked',
      claims: ['canyon'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'The error of the consensus step falls with the number of particles.',
      state: 'narrowed',
      why: 'As success in the canyon with 200 particles and with 40.',
      claims: ['swarm-size'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'The larger α, the nearer the consensus comes to the minimiser.',
      state: 'narrowed',
      why: 'In the canyon, with α = 100 and α = 10.',
      claims: ['large-alpha'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Typical particles contract at rate λ although the mean square does not.',
      state: 'narrowed',
      why: 'On a quadratic in two coordinates.',
      claims: ['contraction'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Zeroth-order methods need not be inefficient or lack generalisation.',
      state: 'not checked',
      why: 'The paper has no experiment on learning or on efficiency.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
  asWell: { hopping: 'with the best of as many random points about the start' },
});
