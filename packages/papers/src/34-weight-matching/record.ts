import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 34,
  slug: '34-weight-matching',
  title: 'Analysis of Linear Mode Connectivity via Permutation-Based Weight Matching',
  authors: 3,
  firstAuthors: ['Ito', 'Yamada', 'Kumagai'],
  date: '2024-02-06',
  venue: 'ICLR 2025, with the subtitle “With Insights into Other Permutation Search Methods”',
  arxiv: '2402.04051',
  family: 'combinatorial',
  methods: [
    'weight matching',
    'Git Re-Basin',
    'activation matching',
    'straight-through estimator',
    'linear assignment',
    'linear mode connectivity',
  ],
  summary:
    'Two networks trained from different seeds cannot be averaged, yet often they can once the neurons of one are permuted. Weight matching finds such permutations by solving assignment problems layer by layer. Why does that work? Not because the networks come close: the distance hardly shrinks. The paper shows that matching aligns the strong singular directions, which carry the function. A rival that learns permutations from data lowers barriers without that alignment, and then fails for three networks. We will train three, match them and measure barriers, distances and alignment.',
  formulas: [
    {
      tex: String.raw`\max_{P_1, \dots, P_{L-1}}\; \sum_l \bigl\langle W_l^a,\, P_l W_l^b P_{l-1}^\top\bigr\rangle + \langle b_l^a, P_l b_l^b\rangle`,
      says: 'Matching maximises the overlap of weights over permutations of hidden neurons, one assignment problem at a time.',
    },
    {
      tex: String.raw`B = \max_{\lambda \in [0,1]}\; \mathcal L\bigl((1-\lambda)\theta_a + \lambda\theta_b\bigr) - (1-\lambda)\mathcal L(\theta_a) - \lambda\mathcal L(\theta_b)`,
      says: 'The barrier is the worst excess loss on the straight path between two networks.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'Multilayer perceptrons on 10,000 MNIST digits; VGG, ResNet and ImageNet are left out. The score of alignment is reconstructed.',
  },
  claims: [
    {
      id: 'barrier',
      sentence: 'Matching removes the barrier although the networks stay far apart.',
      quantity: 'barrier over the naive one; distance after over before',
      setting: { quick: 'width 128, 5 epochs, one pair', full: 'width 256, 20 epochs, two pairs' },
      measures: {
        barrier: { quantity: 'barrier over the naive one', '≤': { quick: 0.25, full: 0.1 } },
        distance: { quantity: 'distance after over before', '≥': { quick: 0.6, full: 0.7 } },
      },
    },
    {
      id: 'alignment',
      sentence: 'What matching aligns are the strong singular directions; the singular values stay as they were.',
      quantity: 'alignment score R at threshold 0.4 and its ratio to that over all directions',
      measures: {
        score: { quantity: 'R at threshold 0.4', '≥': { quick: 0.3, full: 0.4 } },
        ratio: { quantity: 'R at threshold 0.4 over that over all directions', '≥': { quick: 3, full: 4 } },
        values: { quantity: 'relative change of singular values, largest', '≤': { full: 0.0001 } },
      },
    },
    {
      id: 'three-networks',
      sentence: 'For three networks matching keeps its worth where learned permutations do not.',
      quantity: 'barrier between two networks that were both matched to a third; loss of the average',
      measures: {
        barrier: { quantity: 'barrier of learned over that of matched', '≥': { quick: 1.2, full: 2 } },
        score: { quantity: 'R at threshold 0.4 of learned over that of matched', '≤': { full: 0.75 } },
        average: { quantity: 'test loss of the average of three matched', '≤': { full: 0.35 } },
      },
    },
    {
      id: 'width',
      sentence: 'Wider networks connect better.',
      quantity: 'barrier after matching at width 64 over that at 256',
      setting: { quick: 'widths 64 and 128', full: 'widths 64 and 256' },
      measures: {
        barrier: {
          quantity: 'barrier after matching at the smaller width over that at the larger',
          '≥': { quick: 1.5, full: 3 },
        },
      },
    },
  ],
};
