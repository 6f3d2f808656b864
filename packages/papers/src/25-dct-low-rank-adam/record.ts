import type { PaperRecord } from '../record.ts';

export const record = {
  number: 25,
  slug: '25-dct-low-rank-adam',
  title: 'SVD-Free Low-Rank Adaptive Gradient Optimization for Large Language Models',
  authors: 4,
  firstAuthors: ['Modoranu', 'Safaryan', 'Schultheis'],
  date: '2025-05-23',
  venue:
    'ICLR 2026, as “FFT-based Dynamic Subspace Selection for Low-Rank Adaptive Optimization of LLMs”, by six authors',
  arxiv: '2505.17967',
  code: 'https://github.com/IST-DASLab/ISTA-DASLab-Optimizers',
  family: 'training',
  methods: ['DCT-AdamW', 'Trion', 'Dion', 'Muon', 'GaLore', 'LDAdam', 'discrete cosine transform'],
  summary:
    'Adam keeps two numbers for every weight. Low-rank optimisers keep them in a small subspace instead, found by a singular value decomposition that is slow and must be stored. Here one fixed cosine basis serves all layers: the columns that align best with the gradient are picked at each step, so only their indices are kept, and a fast transform can do the picking. Moments are rotated when the choice changes. We train a character transformer and compare loss, projection error, storage and time with full Adam, with singular vectors and with simpler choices.',
  formulas: [
    {
      tex: String.raw`Q_{ij} = \sqrt{\tfrac2n}\,\cos\frac{\pi i(2j+1)}{2n}\quad (i > 0),\qquad Q_{0j} = \sqrt{\tfrac1n}`,
      says: 'One orthogonal cosine matrix is shared by all layers.',
    },
    {
      tex: String.raw`\lVert G - G P P^\top\rVert_F^2 = \sum_{j \notin \mathrm{idx}} \lVert (GQ^\top)_{:j}\rVert_2^2`,
      says: 'Keeping the columns of GQᵀ with the largest norms is the best choice within the basis.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'Optimisers are exact; Llama models on C4 become a character transformer of two layers on a volume of a novel, and memory is counted in numbers kept. Comparisons with other fixed bases, and of Trion with Dion and Muon, are reported without bars.',
  },
  claims: [
    {
      id: 'quality',
      sentence: 'With the cosine basis training is as good as with singular vectors and close to full Adam.',
      ingredient: 'moments that follow their vectors',
      quantity: 'mean of the last 30 training losses, each optimiser at the best of a few rates',
      draws: { quick: [3, 6], full: [3, 6, 12] },
      setting: {
        quick: '400 steps, width 32, 8 vectors, contexts of 24 characters, batches of 8, rates 6e-3 and 1e-2',
        full: '400 steps, width 64, 16 vectors, contexts of 48 characters, batches of 16, rates 3e-3, 6e-3 and 1e-2',
      },
      measures: {
        svd: {
          quantity: 'loss of DCT-AdamW',
          over: 'mean',
          '≤': { of: 'that with singular vectors', plus: 0.02 },
        },
        adam: { quantity: 'loss of DCT-AdamW', over: 'mean', '≤': { of: 'that of AdamW', plus: 0.08 } },
      },
    },
    {
      id: 'rotation',
      sentence: 'Moments must follow their vectors when the subspace changes.',
      ingredient: 'moments that follow their vectors',
      quantity: 'mean of the last 30 training losses at the rate 3e-3',
      draws: { quick: [3, 6, 12], full: [3, 6, 12] },
      setting: {
        quick: '400 steps, width 32, 8 vectors, contexts of 24 characters, batches of 8',
        full: '400 steps, width 64, 16 vectors, contexts of 48 characters, batches of 16',
      },
      measures: {
        gain: {
          quantity: 'loss with moments that follow',
          over: 'mean',
          '<': { quick: { of: 'that with moments that stay' } },
          '≤': { full: { of: 'that with moments that stay', plus: -0.04 } },
        },
      },
    },
    {
      id: 'projection',
      sentence:
        'The chosen columns capture more of the gradient than fixed or fresh random ones, though less than singular vectors.',
      ingredient: 'the vectors that are aligned best with the gradient',
      quantity: 'mean relative squared error over matrices in blocks, every tenth step, of each kind along its own run',
      draws: { quick: [3, 6], full: [3, 6] },
      setting: { quick: '150 steps, 8 vectors of 32', full: '400 steps, 16 vectors of 64' },
      measures: {
        svd: { quantity: 'error of singular vectors', over: 'mean', '<': { of: 'that of the best aligned cosines' } },
        // By more than rounding.
        dct: {
          quantity: 'error of the best aligned cosines',
          over: 'mean',
          '≤': { of: 'that of the first cosines', plus: -0.01 },
        },
        first: { quantity: 'error of the first cosines', over: 'mean', '<': { of: 'that of fresh random vectors' } },
        most: { quantity: 'error of the best aligned cosines', over: 'mean', '≤': { full: 0.55 } },
      },
    },
    {
      id: 'memory-and-time',
      sentence: "It keeps a fraction of Adam's numbers and finds its subspace faster than a decomposition.",
      quick: "It keeps a fraction of Adam's numbers.",
      ingredient: 'moments of few vectors',
      quantity: 'bytes of state, and times of steps of a matrix of 256 × 256',
      setting: { quick: '8 vectors of 32', full: '16 vectors of 64; times with 64 vectors' },
      measures: {
        share: { quantity: "bytes kept of matrices in blocks over AdamW's", '≤': 0.3 },
        time: { quantity: 'time of a step over that with singular vectors', '≤': { full: 0.3 } },
      },
    },
  ],
  picture: {
    experiment: 'bytes',
    title: 'loss against bytes of state',
    says: 'Loss at the end of short runs against the bytes that optimisers keep of matrices, with a sixteenth of the vectors, an eighth and so on.',
  },
} as const satisfies PaperRecord;
