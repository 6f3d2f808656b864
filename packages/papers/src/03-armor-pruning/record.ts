import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 3,
  slug: '03-armor-pruning',
  title: 'ARMOR: High-Performance Semi-Structured Pruning via Adaptive Matrix Factorization',
  authors: 5,
  firstAuthors: ['L. Liu', 'A. Liu', 'Wang'],
  date: '2025-10-07',
  venue: 'ICLR 2026',
  arxiv: '2510.05528',
  code: 'https://github.com/LawrenceRLiu/ARMOR',
  family: 'compression',
  methods: ['ARMOR', 'NoWag-P', 'SparseGPT', 'Wanda', '2:4 sparsity', 'block coordinate descent'],
  summary:
    'Hardware can skip two weights of every four, but forcing a matrix into that pattern hurts. ARMOR wraps the sparse matrix between two thin block-diagonal ones that repair what was lost, and fits all three together: gradient steps for the numbers, exact least squares for which two of four to keep. With wrappers of one by one it is the NoWag pruner; larger blocks cost a few per cent of storage. The experiments measure how the error of a layer falls with the block size, and how much of the damage to trained networks disappears beside four other pruners.',
  formulas: [
    {
      tex: String.raw`\widehat W = A\,(W' \circ M)\,B,\qquad A, B \text{ block-diagonal},\; M \text{ with 2 ones in every 4}`,
      says: 'The weight matrix is replaced by a 2:4-sparse core between two block-diagonal wrappers.',
    },
    {
      tex: String.raw`L = \sum_{i,j} h_j\,\bigl(\overline W_{ij} - [A\,(W' \circ M)\,B]_{ij}\bigr)^2,\qquad h_j = \tfrac1N \sum_x x_j^2`,
      says: 'The fit weighs the error of each column of the normalised weights by how large that input usually is.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The layer-wise algorithm is exact; end to end, small networks of images, a language model with 260 000 weights and an encoder of sentences stand in for Llama and Qwen. Speed is measured by a benchmark with the 2:4 product of this library, in place of sparse tensor cores.',
  },
  claims: [
    {
      id: 'proxy-loss',
      sentence: "Wrapping the sparse core lowers the layer's error, and more so the larger the blocks.",
      quantity: 'loss of ARMOR over that of NoWag-P on Gaussian weights with log-normal column weights',
      setting: {
        quick: '128 × 128, 300 steps, blocks of 8 and 32',
        full: '256 × 256, 600 steps, blocks of 8, 32 and 64, three matrices',
      },
      ...locked.claims['proxy-loss'],
    },
    {
      id: 'monotone',
      sentence:
        'Choosing a group of four anew lowers the loss and never raises it, and the result is never worse than the NoWag start.',
      quantity: 'loss before and after discrete steps, computed from the factors',
      setting: { quick: '128 × 128, blocks of 8 and 32', full: '256 × 256, every run of the first claim' },
      ...locked.claims.monotone,
    },
    {
      id: 'discrete-step',
      sentence: 'Discrete steps contribute to the fit beside steps along the gradient.',
      quantity: 'loss without discrete steps over that with them',
      setting: { quick: '128 × 128, 300 steps', full: '256 × 256, 600 steps, three matrices' },
      ...locked.claims['discrete-step'],
    },
    {
      id: 'group-selection',
      sentence: 'Groups that are drawn by their gradients get further than groups drawn uniformly.',
      quantity: 'loss with uniform groups over that with groups by gradients',
      setting: { quick: '128 × 128, 300 steps', full: '256 × 256, 600 steps, three matrices' },
      ...locked.claims['group-selection'],
    },
    {
      id: 'network-gap',
      sentence: 'In a trained network ARMOR undoes most of the damage of 2:4 pruning for a few per cent of storage.',
      quantity: "share of NoWag-P's rise of the training cross-entropy that is undone",
      setting: {
        quick: 'both hidden layers of 256, blocks of 8, 200 steps, one network',
        full: 'blocks of 8 and 16, 500 steps, three networks',
      },
      ...locked.claims['network-gap'],
    },
    {
      id: 'equal-bytes',
      sentence: 'For the same bytes, ARMOR is at least as good as SparseGPT without a pattern.',
      quantity: 'training cross-entropy over that of SparseGPT with the density that has as many bytes',
      setting: { quick: 'blocks of 8, 200 steps, one network', full: 'blocks of 8, 500 steps, three networks' },
      ...locked.claims['equal-bytes'],
    },
    {
      id: 'beside-reconstruction',
      sentence: 'ARMOR is at least as good as 2:4 Wanda if both are reconstructed by least squares.',
      quantity: 'training cross-entropy over that of 2:4 Wanda, both reconstructed',
      setting: { quick: 'blocks of 8, 200 steps, one network', full: 'blocks of 8, 500 steps, three networks' },
      ...locked.claims['beside-reconstruction'],
    },
    {
      id: 'fashion',
      sentence: 'On images of clothes as well, ARMOR undoes most of the damage of 2:4 pruning.',
      quantity: "share of NoWag-P's rise of the training cross-entropy that is undone",
      setting: {
        quick: '5000 images, blocks of 8, 200 steps, one network',
        full: '60 000 images, blocks of 8 and 16, 500 steps, three networks',
      },
      ...locked.claims.fashion,
    },
    {
      id: 'real-layer',
      sentence:
        'On a feed-forward matrix of a trained encoder, wrappers lower the error as they do on Gaussian weights.',
      quantity: 'loss of ARMOR over that of NoWag-P on a 512 × 1536 matrix',
      setting: { quick: 'blocks of 32, 40 steps', full: 'blocks of 32 and 128, 600 steps' },
      ...locked.claims['real-layer'],
    },
    {
      id: 'stories',
      sentence: 'In a small language model ARMOR undoes half of the damage of NoWag-P.',
      quantity: 'mean divergence KL(dense ‖ pruned) of the next token, on texts of the dense model',
      setting: {
        quick: 'blocks of 8, 100 steps; 32 texts of 128 tokens to calibrate, 16 to judge',
        full: 'blocks of 8, 600 steps; 200 192 tokens, half to calibrate and half to judge',
      },
      ...locked.claims.stories,
    },
    {
      id: 'encoder',
      sentence: 'In an encoder of sentences ARMOR undoes half of the damage of NoWag-P.',
      quantity: "squared distance of sentence vectors from the dense model's, on titles and queries of Cranfield",
      setting: {
        quick: 'one feed-forward layer, blocks of 32, 60 steps; 40 titles and 20 queries',
        full: 'all layers, blocks of 32, 600 steps; 1400 titles and 225 queries',
      },
      ...locked.claims.encoder,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'gaussian',
    title: 'Loss by steps',
    series: ['blocks of 8', 'blocks of 32', 'NoWag-P', 'blocks of 32, core alone'],
    says: 'The error of a matrix of Gaussian weights in 2:4 form between block-diagonal factors, relative to the weights, as they are fitted.',
  },
} as const satisfies PaperRecord;
