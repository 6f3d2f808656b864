import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'Hardware can skip two weights of every four, but forcing a matrix into that pattern hurts. ARMOR wraps the sparse matrix between two thin block-diagonal ones that repair what was lost, and fits all three together: gradient steps for the numbers, exact least squares for which two of four to keep. With wrappers of one by one it is the NoWag pruner; larger blocks cost a few per cent of storage. We will measure how the error of a layer falls with the block size, and how much of the damage to a trained classifier disappears beside four other pruners.',
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
    level: 'full',
    note: 'The layer-wise algorithm is exact; end to end, small networks on MNIST digits stand in for Llama and Qwen, and speed is counted in multiply-adds and measured with our own 2:4 product.',
  },
  claims: [
    {
      id: 'proxy-loss',
      sentence: "Wrapping the sparse core lowers the layer's error, and more so the larger the blocks.",
      quantity: 'loss of ARMOR over that of NoWag-P on Gaussian weights with log-normal column weights',
      bar: {
        quick: '128 × 128, 300 iterations, blocks 8 and 32: ≤ 0.8 and ≤ 0.5, falling with the block size',
        full: '256 × 256, 600 iterations, three seeds: ≤ 0.68, 0.28 and 0.06 for blocks of 8, 32 and 64, falling strictly',
      },
    },
    {
      id: 'monotone',
      sentence:
        'Choosing a group of four anew never raises the loss, and the result is never worse than the NoWag start.',
      quantity: 'relative rise of the loss over each discrete step; best loss against the first',
      bar: { quick: 'rise ≤ 1e-9 at every step; best ≤ first', full: 'the same in every run of the first claim' },
    },
    {
      id: 'network-gap',
      sentence: 'In a trained network ARMOR undoes most of the damage of 2:4 pruning for a few per cent of storage.',
      quantity: "share of NoWag-P's rise of the training cross-entropy that is removed",
      bar: {
        quick: 'block 8 on one layer, 200 iterations: ≥ 30 %',
        full: 'block 8: ≥ 50 % and better than magnitude, Wanda and NoWag-P; block 16: ≥ 75 %; SparseGPT is reported beside them without a bar',
      },
    },
  ],
};
