import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 2,
  slug: '02-icbs-pruning',
  title: 'Scalable iterative pruning of large language and vision models using block coordinate descent',
  authors: 7,
  firstAuthors: ['Rosenberg', 'Brubaker', 'Schuetz'],
  date: '2024-11-26',
  venue: 'arXiv preprint, 2024',
  arxiv: '2411.17796',
  family: 'compression',
  methods: ['iCBS', 'Combinatorial Brain Surgeon', 'Wanda', 'magnitude pruning', 'simulated annealing'],
  summary:
    'Pruning sets most weights of a trained network to zero and hopes that its answers stay the same. Choosing which weights go is a binary quadratic programme far too large to solve at once. iCBS takes a few hundred weights at a time, builds the quadratic model of the loss on them, and decides anew which are kept, the number of zeros staying fixed. Repeating this over blocks trades time for quality, which one-shot scores cannot. We prune small digit classifiers to a tenth and a fifth of their weights and measure what is gained over Wanda, also after the weights that stay are fitted again, and what each part of the method contributes.',
  formulas: [
    {
      tex: String.raw`\Delta L(x) \approx \alpha\, g^\top\delta + \tfrac12\,\delta^\top H\,\delta + \lambda\lVert\delta\rVert^2,\qquad \delta = -(w - w_0 + w_0 \circ x)`,
      says: 'Within a block, the change of the loss is modelled to second order in the step that the binary choice x (1 = pruned) implies.',
    },
    {
      tex: String.raw`\min_{x \in \{0,1\}^n} x^\top Q\,x \quad\text{subject to}\quad \textstyle\sum_i x_i = k`,
      says: 'Each block becomes a binary quadratic problem with a fixed number of pruned weights.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The method is complete; Mistral-7B and DeiT are replaced by small networks on MNIST digits and Fashion-MNIST, a language model of 260 000 weights and an encoder of 7 million.',
  },
  claims: [
    {
      id: 'beats-wanda',
      sentence:
        'At equal density, re-deciding blocks keeps a much better network than the Wanda score that it starts from.',
      quantity: 'test accuracy and training loss after pruning, against Wanda per layer',
      setting: {
        quick: 'density 0.1, 50 steps, one network',
        full: 'densities 0.1 and 0.2, 150 steps, three networks',
      },
      ...locked.claims['beats-wanda'],
    },
    {
      id: 'time-for-quality',
      sentence: 'More steps give a better network, so quality can be bought with time.',
      quantity: 'training loss at density 0.1 by steps, mean of networks',
      setting: { quick: '0 and 50 steps, one network', full: '0, 50 and 150 steps, three networks' },
      ...locked.claims['time-for-quality'],
    },
    {
      id: 'beside-reconstruction',
      sentence:
        'The advantage over Wanda remains if the weights that stay are reconstructed by least squares in both networks.',
      quantity: 'training loss at density 0.1, both reconstructed',
      setting: { quick: '50 steps, one network', full: '150 steps, three networks' },
      ...locked.claims['beside-reconstruction'],
    },
    {
      id: 'interactions-matter',
      sentence: 'The gain comes from interactions between weights: a model that keeps only the diagonal falls behind.',
      quantity: 'training loss at density 0.1 with the diagonal of Q over that with all of Q',
      setting: { quick: '50 steps, one network', full: '150 steps, three networks' },
      ...locked.claims['interactions-matter'],
    },
    {
      id: 'signs',
      sentence: 'Entries of Q below zero are needed: cut off, as in the official code, they leave a worse network.',
      quantity: 'training loss at density 0.1',
      setting: { quick: '50 steps, one network', full: '150 steps, three networks' },
      ...locked.claims.signs,
    },
    {
      id: 'two-ends',
      sentence:
        'Blocks of the weights that are most likely on the wrong side, removed ones of high and kept ones of low score, get further than random blocks.',
      quantity: 'training loss at density 0.1',
      setting: { quick: '50 steps, one network', full: '150 steps, three networks' },
      ...locked.claims['two-ends'],
    },
    {
      id: 'tabu',
      sentence: 'Keeping weights out of blocks after they were in one gets further than without.',
      quantity: 'training loss at density 0.1',
      setting: { quick: '50 steps, one network', full: '150 steps, three networks' },
      ...locked.claims.tabu,
    },
    {
      id: 'fashion',
      sentence: 'On images of clothes as well, re-deciding blocks keeps a much better network than Wanda.',
      quantity: 'test accuracy and training loss after pruning, against Wanda per layer',
      setting: {
        quick: '10 000 images, density 0.1, 50 steps, one network',
        full: '60 000 images, densities 0.1 and 0.2, 150 steps, three networks',
      },
      ...locked.claims.fashion,
    },
    {
      id: 'fashion-reconstructed',
      sentence: 'On images of clothes as well, the advantage over Wanda remains beside reconstruction.',
      quantity: 'training loss at density 0.1, both reconstructed',
      setting: {
        quick: '10 000 images, 50 steps, one network',
        full: '60 000 images, 150 steps, three networks',
      },
      ...locked.claims['fashion-reconstructed'],
    },
    {
      id: 'stories',
      sentence: 'On a language model with half of its weights, the advantage over Wanda remains beside reconstruction.',
      quantity: 'mean divergence KL(dense ‖ pruned) of the next token, on texts of the dense model',
      setting: {
        quick: 'the last of five blocks; 64 texts of 128 tokens for pruning, 32 to judge, 14 steps of 16 texts',
        full: 'all blocks; 200 192 tokens, half for pruning and half to judge, 150 steps of 32 texts',
      },
      ...locked.claims.stories,
    },
    {
      id: 'encoder',
      sentence:
        'On an encoder of sentences with three tenths of its weights, the advantage over Wanda remains beside reconstruction.',
      quantity: "squared distance of sentence vectors from the dense model's, on titles and queries of Cranfield",
      setting: {
        quick:
          'the last layer; 128 definitions of WordNet for pruning, 12 steps of 16 of them; 100 titles and 20 queries',
        full: 'ten layers; 1024 definitions of WordNet for pruning, 60 steps of 32 of them; 1400 titles and 225 queries',
      },
      ...locked.claims.encoder,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'digits',
    title: 'Loss by steps',
    series: ['iCBS', 'iCBS, diagonal', 'Wanda', 'SparseGPT', 'dense'],
    says: 'The training loss of a network with a tenth of its hidden weights, as blocks of them are decided again.',
  },
} as const satisfies PaperRecord;
