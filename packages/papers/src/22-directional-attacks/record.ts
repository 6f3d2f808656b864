import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'A trained network often stands for a costly simulation, and one wants the input whose output is best. Adversarial attacks were made to push outputs of networks in a chosen direction by tiny changes of the input; here that push is the step of an optimiser, with a direct search that guarantees convergence whenever the attack fails. Constraints are folded into the network as a penalty. We will count evaluations on random networks with smooth and kinked activations, and put the final gap of the bio-diesel problem beside the noise of seeds.',
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
    level: 'full',
    note: 'The bio-diesel problem and random networks are complete; problems through ResNet-18 and a variational autoencoder become small networks.',
  },
  claims: [
    {
      id: 'fewer-evaluations',
      sentence: 'Attacks with direct search need far fewer evaluations than direct search alone.',
      quantity: 'remaining gap of the hybrid over that of direct search, medians over random networks',
      setting: {
        quick: 'three networks, 300 evaluations',
        full: 'ten networks, 300 and 3000 evaluations, tanh and ReLU',
      },
      measures: {
        gap: {
          quantity: 'remaining gap of the hybrid over that of direct search, medians over random networks',
          '≤': { quick: 0.4, full: 0.2 },
        },
      },
    },
    {
      id: 'no-stall',
      sentence: 'On kinked networks attacks alone stall above where the hybrid ends.',
      quantity: 'final gap of attacks alone minus that of the hybrid, ReLU',
      setting: { quick: '2000 evaluations, three networks', full: '6000 evaluations' },
      measures: {
        gap: { quantity: 'final gap of attacks alone less that of the hybrid', '≥': { quick: 0 }, '>': { full: 0 } },
      },
    },
    {
      id: 'bio-diesel',
      sentence: 'On the bio-diesel problem the hybrid is ahead early; final values do not differ beyond seed noise.',
      quantity: 'median objective at 60 evaluations, hybrid minus direct search; finals beside the true optimum',
      bar: { quick: '≥ 0 over five seeds', full: '≥ 0 over 20 seeds; all finals reported' },
    },
  ],
};
