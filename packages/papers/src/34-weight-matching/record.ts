import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    'Two networks trained from different seeds cannot be averaged, yet often they can once the neurons of one are permuted. Weight matching finds such permutations by solving assignment problems layer by layer. Why does that work? Not because the networks come close: the distance hardly shrinks. The paper shows that matching aligns the strong singular directions, which carry the function. A rival that learns permutations from data lowers barriers without that alignment, and then fails for three networks. We train three, match them by weights, by activations, by strong or weak directions alone, and measure barriers, distances and alignment; then we do so with small language models.',
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
    note: 'Multilayer perceptrons on 10,000 MNIST digits and on Fashion-MNIST; VGG, ResNet and ImageNet are left out. The score of alignment is reconstructed. Networks of the form of a small language model are ours.',
  },
  claims: [
    {
      id: 'barrier',
      sentence: 'Matching removes the barrier although the networks stay far apart.',
      quantity: 'barrier over the naive one; distance after over before',
      setting: {
        quick: 'width 128, 5 epochs, one pair',
        full: 'width 256, 20 epochs, two pairs in each of five draws',
      },
      ...locked.claims.barrier,
    },
    {
      id: 'alignment',
      sentence: 'What matching aligns are the strong singular directions; the singular values stay as they were.',
      quantity: 'alignment score R at threshold 0.4 and its ratio to that over all directions',
      setting: {
        quick: 'width 128, 5 epochs, one pair',
        full: 'width 256, 20 epochs, two pairs in each of five draws',
      },
      ...locked.claims.alignment,
    },
    {
      id: 'strong-directions',
      sentence:
        'Matching by the strong singular directions alone removes the barrier, and by the weak ones alone does not.',
      quantity: 'barrier after matching networks that are reduced to these directions',
      setting: {
        quick: 'width 128, 5 epochs, one pair',
        full: 'width 256, 20 epochs, two pairs in each of five draws',
      },
      ...locked.claims['strong-directions'],
    },
    {
      id: 'activations',
      sentence: 'Matching activations does what matching weights does.',
      quantity: 'barrier over the naive one; alignment score R over that of matched weights',
      setting: {
        quick: 'width 128, 5 epochs, one pair, 1000 examples',
        full: 'width 256, 20 epochs, two pairs in each of five draws, 2000 examples',
      },
      ...locked.claims.activations,
    },
    {
      id: 'three-networks',
      sentence: 'For three networks matching keeps its worth where learned permutations do not.',
      quantity: 'barrier between two networks that were both matched to a third; loss of the average',
      setting: {
        quick: 'width 128, 5 epochs, one draw, 200 steps',
        full: 'width 256, 20 epochs, five draws, 400 steps',
      },
      ...locked.claims['three-networks'],
    },
    {
      id: 'width',
      sentence: 'Wider networks connect better.',
      quantity: 'barrier after matching at width 64 over that at 256',
      setting: { quick: 'widths 64 and 128, 5 epochs', full: 'widths 64 and 256, 20 epochs, five draws' },
      ...locked.claims.width,
    },
    {
      id: 'fashion-barrier',
      sentence: 'On Fashion-MNIST, too, matching removes the barrier and aligns the strong singular directions.',
      quantity: 'barrier over the naive one; distance after over before; alignment score R at threshold 0.4',
      setting: {
        quick: '8000 images, width 128, 5 epochs, one pair',
        full: '60,000 images, width 256, 20 epochs, two pairs in each of two draws',
      },
      ...locked.claims['fashion-barrier'],
    },
    {
      id: 'fashion-three',
      sentence: 'On Fashion-MNIST, too, matching keeps its worth for three networks where learned permutations do not.',
      quantity: 'barrier between two networks that were both matched to a third',
      setting: {
        quick: '8000 images, width 128, 5 epochs, one draw, 200 steps',
        full: '60,000 images, width 256, 20 epochs, two draws, 400 steps',
      },
      ...locked.claims['fashion-three'],
    },
    {
      id: 'fashion-width',
      sentence: 'On Fashion-MNIST, too, wider networks connect better.',
      quantity: 'barrier after matching at width 64 over that at 256',
      setting: {
        quick: '8000 images, widths 64 and 128, 5 epochs',
        full: '60,000 images, widths 64 and 256, 20 epochs, two draws',
      },
      ...locked.claims['fashion-width'],
    },
    {
      id: 'fine-tuned',
      sentence: 'Matching undoes a shuffle of the neurons of one of two fine-tunings of a language model.',
      quantity: 'barrier between the two in nats for each token; places that are put back',
      setting: {
        quick: '260,000 parameters, 8 steps on texts of its own, different ones for each',
        full: '260,000 parameters, 96 steps on texts of its own, different ones for each',
      },
      ...locked.claims['fine-tuned'],
    },
    {
      id: 'language-seeds',
      sentence: 'Between language models from different seeds matching lowers the barrier.',
      quantity: 'barrier between the two in nats for each token',
      setting: { quick: '260,000 parameters, 64 steps', full: '260,000 parameters, 608 steps' },
      ...locked.claims['language-seeds'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'pairs',
    title: 'Training loss on the line between two networks',
    series: ['none', 'weights', 'weak'],
    says: 'Loss of networks on the line between two that were trained from different seeds: as trained, after their weights were matched, and after only the weak singular directions were.',
  },
} as const satisfies PaperRecord;
