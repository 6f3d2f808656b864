import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
    'Adam keeps two numbers for every weight. Low-rank optimisers keep them in a small subspace instead, found by a singular value decomposition that is slow and must be stored. Here one fixed cosine basis serves all layers: the columns that align best with the gradient are picked at each step, so only their indices are kept, and a fast transform can do the picking. Moments are rotated when the choice changes. We train a character transformer and compare loss, projection error, storage and time with full Adam, with singular vectors and with simpler choices: the worst aligned vectors, the axes, a random basis, and the first cosines. Trion, which does the same for Muon, is compared with Dion.',
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
    note: 'Optimisers are exact; Llama models on C4 become a character transformer of two layers on a volume of a novel, trained for a few hundred steps, and memory is counted in bytes of state.',
  },
  claims: [
    {
      id: 'quality',
      sentence: 'With the cosine basis training is as good as with singular vectors and close to full Adam.',
      quantity: 'mean of the last 30 training losses, each optimiser at the best of a few rates',
      setting: {
        quick: '400 steps, width 32, 8 vectors, contexts of 24 characters, batches of 8, rate 1e-2',
        full: '400 steps, width 64, 16 vectors, contexts of 48 characters, batches of 16, rates 3e-3, 6e-3 and 1e-2',
      },
      ...locked.claims.quality,
    },
    {
      id: 'alignment',
      sentence:
        'The cosines that are aligned best with the gradient train better, by 0.02, than the worst aligned ones, the first ones, or the best aligned vectors of a random basis or of the axes.',
      quantity: 'mean of the last 30 training losses, each optimiser at the best of a few rates',
      setting: {
        quick: '400 steps, width 32, 8 vectors, rate 1e-2',
        full: '400 steps, width 64, 16 vectors, rates 3e-3, 6e-3 and 1e-2',
      },
      ...locked.claims.alignment,
    },
    {
      id: 'rotation',
      sentence: 'Moments must follow their vectors when the subspace changes.',
      quantity: 'mean of the last 30 training losses at the rate 3e-3',
      setting: {
        quick: '400 steps, width 32, 8 vectors, contexts of 24 characters, batches of 8',
        full: '400 steps, width 64, 16 vectors, contexts of 48 characters, batches of 16',
      },
      ...locked.claims.rotation,
    },
    {
      id: 'projection',
      sentence: 'The chosen cosines capture more of the gradient than the first ones, by 0.01.',
      quantity: 'mean relative squared error over matrices in blocks, every tenth step, of each kind along its own run',
      setting: { quick: '150 steps, 8 vectors of 32', full: '400 steps, 16 vectors of 64' },
      ...locked.claims.projection,
    },
    {
      id: 'cosines',
      sentence:
        'Cosines capture more of gradients, by 0.01, than a random basis or the axes, of each the best aligned vectors.',
      quantity: 'mean relative squared error over matrices in blocks, every tenth step of a run of AdamW',
      setting: { quick: '150 steps, 8 vectors of 32', full: '400 steps, 16 vectors of 64' },
      ...locked.claims.cosines,
    },
    {
      id: 'memory',
      sentence: "It keeps a fraction of Adam's numbers.",
      quantity: 'bytes of state of matrices in blocks',
      setting: { quick: '8 vectors of 32', full: '16 vectors of 64' },
      ...locked.claims.memory,
    },
    {
      id: 'time',
      sentence: 'It finds its subspace faster than a decomposition.',
      quantity: 'median times of steps of a matrix of 256 × 256 with 64 vectors',
      setting: { quick: 'three steps', full: 'nine steps' },
      ...locked.claims.time,
    },
    {
      id: 'trion',
      sentence: 'Trion trains better than Dion of the same rank.',
      quantity: 'mean of the last 30 training losses, each optimiser at the best of a few rates',
      setting: {
        quick: '200 steps, width 32, 8 vectors, rate 0.02',
        full: '200 steps, width 64, 16 vectors, rates 0.01, 0.02 and 0.04',
      },
      ...locked.claims.trion,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'bytes',
    title: 'loss against bytes of state',
    says: 'Loss at the end of short runs against the bytes that optimisers keep of matrices, with a sixteenth of the vectors, an eighth and so on.',
  },
} as const satisfies PaperRecord;
