import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'An unconstrained objective characterises the top subspace of generalised eigenvalue problems.',
      state: 'narrowed',
      why: 'For canonical correlation analysis of two views of 20 and 16 columns, from random starts.',
      claims: ['no-false-minima'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Stochastic CCA converges faster and recovers higher correlations than the generalised Hebbian algorithm.',
      state: 'narrowed',
      why: 'On planted correlations and, at full size, halves of digits; MediaMill and CIFAR are not used, and batches of 50 and 100 only shown.',
      claims: ['small-batches'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Stochastic CCA converges faster and recovers higher correlations than the γ-EigenGame.',
      state: 'contradicted',
      why: 'On planted correlations the γ-EigenGame finds more, with its rate chosen from as many.',
      claims: ['eigen-game'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Two independent batches estimate the gradient without bias; one batch used twice does not.',
      state: 'checked',
      claims: ['two-batches'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'PLS of data with very many columns, which is infeasible for classical algorithms, becomes possible.',
      state: 'narrowed',
      why: 'On 20,000 synthetic columns; the UK Biobank study, with 500,000 columns, is private.',
      claims: ['wide-pls'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Deep CCA by the objective recovers higher correlations than the whole objective of each batch (DCCA-STOL).',
      state: 'narrowed',
      why: 'Small perceptrons on halves of 10,000 digits, batches of 20, ten epochs; no speech data. At full size ten outputs do not beat linear analysis by 5 %.',
      claims: ['deep-cca', 'deep-narrow-batches'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Deep CCA by the objective recovers higher correlations than non-linear orthogonal iterations (DCCA-NOI).',
      state: 'contradicted',
      why: 'With more outputs than rows a batch NOI finds more; at full size it does with ten outputs, too.',
      claims: ['deep-noi'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Deep CCA of more than two views by the objective beats deep MCCA and deep GCCA.',
      state: 'not checked',
      why: 'The library trains networks for several views, but the experiments have two.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'The objective matches self-supervised methods of the CCA family on CIFAR-10 and CIFAR-100.',
      state: 'not checked',
      why: 'Residual networks and a thousand epochs are out of reach.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Barlow Twins and VICReg are related to classical CCA.',
      state: 'not checked',
      why: 'It is theory.',
      claims: [],
    },
    {
      from: 'card',
      says: 'Stochastic steps are faster than an eigenvalue solver from about a thousand columns on.',
      state: 'not checked',
      why: 'The experiment `crossover` shows times, which depend on the machine.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [
    {
      name: 'Stochastic power method',
      why: 'It streams partial least squares in as little memory; nothing is claimed of which converges sooner.',
    },
    { name: 'Deep MCCA and deep GCCA', why: 'They are for more than two views, of which nothing is claimed.' },
    { name: 'Barlow Twins and VICReg', why: 'Nothing is claimed of self-supervised learning.' },
  ],
});
