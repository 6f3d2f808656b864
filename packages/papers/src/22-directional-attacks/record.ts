import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 22,
  slug: '22-directional-attacks',
  title: 'Optimization by Directional Attacks: Solving Problems with Neural Network Surrogates',
  authors: 2,
  firstAuthors: ['Bouchet', 'Vidal'],
  date: '2025-10',
  venue: 'arXiv preprint, 2025',
  arxiv: '2510.01461',
  code: 'https://github.com/PierreYvesBouchet/Optimization-by-Directional-Attacks',
  family: 'black-box',
  methods: ['FGSM', 'PGD', 'directional direct search', 'adversarial attack', 'surrogate optimization'],
  summary:
    'A trained network often stands for a costly simulation, and one wants the input whose output is best. Adversarial attacks were made to push outputs of networks in a chosen direction by tiny changes of the input; here that push is the step of an optimiser, with a direct search that guarantees convergence whenever the attack fails. Constraints are folded into the network as a penalty. We count passes through the network, those of gradients included, on random networks with smooth and kinked activations, a reactor, mixtures of digits and paths through grids, and put beside them what plain gradient methods take, which the paper does not compare with.',
  formulas: [
    {
      tex: String.raw`\max_x\; f(\Phi(x)) \quad\text{subject to}\quad c(\Phi(x)) \le 0`,
      says: 'An objective of the outputs of a fixed, trained network is maximised over its inputs.',
    },
    {
      tex: String.raw`d = r\,\operatorname{sign}\bigl(J_\Phi(x)^\top u\bigr),\qquad u = \nabla f(\Phi(x))`,
      says: 'The attack of radius r pushes the output along the gradient of the objective.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'The reactor is that of the paper, with its trained network, and the random networks are those of its study; in place of ResNet-18 on photographs and an autoencoder of maps there are a small convolutional network on digits and a random network of costs.',
  },
  claims: [
    {
      id: 'fewer-evaluations',
      sentence: 'Attacks with direct search need far fewer passes through random networks than direct search alone.',
      quantity: 'what remains of the objective after 300 and 3000 passes',
      setting: { quick: 'ten networks each, tanh and ReLU', full: 'ten networks each, tanh and ReLU' },
      ...locked.claims['fewer-evaluations'],
    },
    {
      id: 'no-stall',
      sentence: 'On networks with kinks attacks alone stall above where the hybrid ends.',
      quantity: 'what remains of the objective after 6000 passes',
      setting: { quick: 'ten ReLU networks', full: 'ten ReLU networks' },
      ...locked.claims['no-stall'],
    },
    {
      id: 'bio-diesel',
      sentence: 'On the bio-diesel problem the hybrid is ahead of direct search early.',
      quantity: 'yield after 60 evaluations, without and with the passes of gradients',
      setting: { quick: '20 seeds', full: '20 seeds' },
      ...locked.claims['bio-diesel'],
    },
    {
      id: 'true-optimum',
      sentence:
        'Interior points on the same network reach the true optimum of the bio-diesel problem, at which hybrid and direct search do not arrive.',
      quantity: 'final yield; 1.877 is the best',
      setting: { quick: 'the limit of energy as a constraint', full: 'the limit of energy as a constraint' },
      ...locked.claims['true-optimum'],
    },
    {
      id: 'mixture',
      sentence:
        'Mixing digits into one that a network reads as wanted, the hybrid is ahead of methods without gradients.',
      quantity: 'what remains of the objective after 300 and 1000 passes',
      setting: { quick: 'ten mixtures of 100 digits', full: 'ten mixtures of 100 digits' },
      ...locked.claims.mixture,
    },
    {
      id: 'counterfactual',
      sentence:
        'Changing the costs of a grid so that another path is cheap, the hybrid is ahead of methods without gradients.',
      quantity: 'objective with penalty after 300 and 1000 passes',
      setting: { quick: 'ten grids of 8 × 8', full: 'ten grids of 8 × 8' },
      ...locked.claims.counterfactual,
    },
    {
      id: 'kinks',
      sentence: 'In a kinked valley across the axes the hybrid reaches the bottom, where attacks alone stall.',
      quantity: 'what remains of the objective after 1000 passes',
      setting: { quick: '20 valleys in the plane', full: '20 valleys in the plane' },
      ...locked.claims.kinks,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'bio-diesel',
    title: 'Yield of the reactor',
    says: 'Median yield of the bio-diesel reactor against passes through its network, for the hybrid, direct search, attacks alone, a random line search, projected gradients, L-BFGS-B and interior points.',
  },
} as const satisfies PaperRecord;
