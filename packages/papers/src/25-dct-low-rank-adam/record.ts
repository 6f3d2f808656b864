import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'Adam keeps two numbers for every weight. Low-rank optimisers keep them in a small subspace instead, found by a singular value decomposition that is slow and must be stored. Here one fixed cosine basis serves all layers: the columns that align best with the gradient are picked at each step, so only their indices are kept, and a fast transform can do the picking. Moments are rotated when the choice changes. We will train a character transformer and compare loss, projection error, storage and time with full Adam, with singular vectors and with simpler choices.',
  formulas: [
    {
      tex: String.raw`Q_{ij} = \sqrt{\tfrac2n}\,\cos\frac{\pi i(2j+1)}{2n}\quad (i > 0),\qquad Q_{0j} = \sqrt{\tfrac1n}`,
      says: 'One orthogonal cosine matrix is shared by all layers.',
    },
    {
      tex: String.raw`\lVert G - G P P^\top\rVert_F^2 = \sum_{j \notin \mathrm{idx}} \lVert (GQ)_{:j}\rVert_2^2`,
      says: 'Keeping the columns of GQ with the largest norms is the best choice within the basis.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'Optimisers are exact; Llama models on C4 become a character transformer of two layers, and memory is counted in numbers kept. The comparison with a random fixed basis will be reported without a bar.',
  },
  claims: [
    {
      id: 'quality',
      sentence: 'With the cosine basis training is as good as with singular vectors and close to full Adam.',
      quantity: 'mean of the last 30 training losses, learning rate tuned',
      setting: { quick: '100 steps, one seed', full: '400 steps, three seeds' },
      measures: {
        svd: { quantity: 'loss less that with singular vectors', '≤': { quick: 0.05, full: 0.02 } },
        adam: { quantity: 'loss less that of AdamW', '≤': { quick: 0.15, full: 0.08 } },
      },
    },
    {
      id: 'rotation',
      sentence: 'Moments must be rotated when the subspace changes.',
      quantity: 'loss without rotation minus loss with it, learning rate 3e-3',
      setting: { quick: '100 steps', full: '400 steps' },
      measures: {
        gain: { quantity: 'loss without rotation less that with it', '>': { quick: 0 }, '≥': { full: 0.04 } },
      },
    },
    {
      id: 'projection',
      sentence:
        'The chosen columns capture more of the gradient than fixed or fresh random ones, though less than singular vectors.',
      quantity: 'mean relative squared projection error',
      bar: { quick: 'SVD < DCT < first columns < fresh random', full: 'the same, and DCT ≤ 0.55' },
    },
    {
      id: 'memory-and-time',
      sentence: "It keeps a fraction of Adam's numbers and finds its subspace faster than a decomposition.",
      quantity: "state numbers on projected layers over AdamW's; projector time over that of SVD at d = 256",
      bar: { quick: '≤ 0.30; time reported', full: '≤ 0.30; ≤ 0.3' },
    },
  ],
};
