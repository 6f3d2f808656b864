import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 53,
  slug: '53-latent-spectral-models',
  title: 'Solving High-Dimensional PDEs with Latent Spectral Models',
  authors: 5,
  firstAuthors: ['Wu', 'Hu', 'Luo'],
  date: '2023-01',
  venue: 'ICML 2023',
  arxiv: '2301.12664',
  code: 'https://github.com/thuml/Latent-Spectral-Models',
  family: 'neural-fields-and-operators',
  methods: ['LSM', 'FNO', 'U-Net', 'neural operator', 'spectral methods', 'Darcy flow'],
  summary:
    'Neural operators map the data of a differential equation straight to its solution. On fine grids this one first gathers the field into a handful of latent tokens by attention, applies there a learned expansion in sines and cosines, and spreads the result back, at several scales of a U-shaped network. On seven benchmarks it improves on the best rival by a tenth on average. We will train it on a coarser Darcy flow with fewer pairs beside a U-Net and a Fourier operator, on enough seeds to tell whether its edge can be resolved at this size.',
  formulas: [
    {
      tex: String.raw`T \leftarrow T + \sum_{m=0}^{K-1}\Bigl[w^{s}_m \sin\bigl(\tfrac{\pi m}{K}\,T\bigr) + w^{c}_m \cos\bigl(\tfrac{\pi m}{K}\,T\bigr)\Bigr]`,
      says: 'On latent tokens the operator is a learned trigonometric expansion.',
    },
    {
      tex: String.raw`\frac1N\sum_n \frac{\lVert\hat u_n - u_n\rVert_2}{\lVert u_n\rVert_2}`,
      says: 'Loss and measure are the mean relative error of the solution.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'Darcy flow at 32 × 32, width 16, 400 pairs and 40 epochs instead of 85 × 85, width 64, 1000 pairs and 501 epochs; the architecture is kept.',
  },
  claims: [
    {
      id: 'beats-fno',
      sentence: 'It is more accurate than a Fourier operator of similar size.',
      quantity: 'relative test error, and its ratio to that of the Fourier operator',
      setting: { quick: '16 × 16, 100 pairs, 5 epochs', full: 'mean of two seeds' },
      measures: {
        error: { quantity: 'relative test error', '≤': { full: 0.02 } },
        ratio: { quantity: 'error over that of the Fourier operator', '≤': { quick: 1, full: 0.85 } },
      },
    },
    {
      id: 'near-unet',
      sentence: 'At this size it is level with the U-Net.',
      quantity: 'relative test error over that of the U-Net',
      measures: {
        ratio: {
          quantity: 'error over that of the U-Net',
          '≥': { quick: 0.75, full: 0.9 },
          '≤': { quick: 1.25, full: 1.1 },
        },
      },
    },
  ],
};
