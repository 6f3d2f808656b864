import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'card',
      says: 'On random networks attacks with direct search leave at most a fifth of what direct search leaves, after 300 and 3000 evaluations.',
      state: 'narrowed',
      why: 'Evaluations are passes through the network, and gradients take two, which the paper does not count.',
      claims: ['fewer-evaluations'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'On ReLU networks attacks alone stall above the final value of the hybrid.',
      state: 'contradicted',
      why: 'They do stall, but mostly below what the hybrid reaches in 6000 passes.',
      claims: ['no-stall'],
      fidelity: 'full',
      harder: 'Kinked valleys, where polls along the axes do not reach the bottom.',
    },
    {
      from: 'abstract',
      says: 'On the bio-diesel problem the hybrid outperforms baselines without derivatives.',
      state: 'narrowed',
      why: 'Early, in the median of 20 runs. It holds if only evaluated points are counted, as in the paper, and does not if the passes of gradients are. Final yields of the hybrid and of direct search differ by less than those of runs with other seeds.',
      claims: ['bio-diesel'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Looking for weights of images whose mixture a network classifies like one of them, the hybrid outperforms baselines without derivatives.',
      state: 'narrowed',
      why: 'A small convolutional network on digits in place of ResNet-18 on photographs.',
      claims: ['mixture'],
      fidelity: 'miniature',
    },
    {
      from: 'abstract',
      says: 'Looking for maps on which another path is the cheapest, the hybrid outperforms baselines without derivatives.',
      state: 'narrowed',
      why: 'A random network of costs on 8 × 8 cells in place of an autoencoder of maps.',
      claims: ['counterfactual'],
      fidelity: 'miniature',
    },
    {
      from: 'abstract',
      says: 'Direct search makes the hybrid converge to local solutions where attacks fail.',
      state: 'narrowed',
      why: 'On valleys in the plane, whose kinks attacks do not follow. The theorem itself is not an experiment.',
      claims: ['kinks'],
      fidelity: 'miniature',
    },
    {
      from: 'card',
      says: 'Small attacks succeed more often than large ones, and those of several projected steps a little more often than single ones.',
      state: 'not checked',
      why: 'The published rates are those of attack libraries, which follow a cross-entropy and not the direction of the outputs that the paper defines.',
      claims: [],
    },
  ],
  ours: ['true-optimum'],
  rivalsLeftOut: [],
  asWell: { 'no-stall': 'without the covering step, and with polls along the axes' },
});
