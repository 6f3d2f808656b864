import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 24,
  slug: '24-econtrol',
  title: 'EControl: Fast Distributed Optimization with Compression and Error Control',
  authors: 3,
  firstAuthors: ['Gao', 'Islamov', 'Stich'],
  date: '2023-11',
  venue: 'ICLR 2024',
  arxiv: '2311.05645',
  family: 'distributed',
  methods: ['EControl', 'EF14', 'EF21', 'EF21-SGDM', 'Top-K compression', 'error feedback'],
  summary:
    'Workers that train together can send only the largest few entries of their gradients and keep the rest as an error for later. Fed back in full, that error makes the method unstable when workers have different data; thrown away, noise never averages out. EControl feeds back a damped share. It then needs neither bounded gradients nor similar clients, and more workers lower the noise as they should, with one message a round. We measure rounds, noise floors and the range of damping that works on least squares with adjustable dissimilarity.',
  formulas: [
    {
      tex: String.raw`\Delta_i = \mathcal C\bigl(\eta\,e_i + g_i - h_i\bigr),\qquad e_i \leftarrow e_i + g_i - h_i - \Delta_i,\quad h_i \leftarrow h_i + \Delta_i`,
      says: 'Each client sends a compressed correction; the share η of its accumulated error is fed back.',
    },
    {
      tex: String.raw`x_{t+1} = x_t - \gamma\,\frac1n\sum_i h_i,\qquad \mathbb E\,\lVert\mathcal C(v) - v\rVert^2 \le (1-\delta)\,\lVert v\rVert^2`,
      says: 'The server steps along the mean estimate; the compressor only needs to contract.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'Synthetic least squares after Koloskova and others, complete; ResNet-18 and VGG-13 become small networks. Rates are reconstructed.',
  },
  claims: [
    {
      id: 'rounds',
      sentence:
        'Without noise it needs hardly more rounds than uncompressed descent, where plain error feedback stalls.',
      quantity: 'rounds to 1e-8 over those of SGD; final relative gap of plain feedback',
      bar: { quick: '≤ 1.25; ≥ 1e-5, one seed', full: '≤ 1.25; ≥ 1e-5 at every step size that converges, five seeds' },
    },
    {
      id: 'noise-floor',
      sentence:
        'Under noise its floor is near that of SGD, well below both kinds of feedback, and falls with the number of clients.',
      quantity: 'mean gap over the last quarter',
      bar: {
        quick: '20 clients, 2000 rounds: ≤ 2 × SGD, ≤ 0.6 × EC, ≤ 0.4 × EF21',
        full: '5, 20 and 80 clients, 6000 rounds: ≤ 1.6 × SGD, ≤ 0.4 × EC, ≤ 0.25 × EF21; floor at 5 over that at 80 between 12 and 20',
      },
    },
    {
      id: 'damping',
      sentence: 'Damping is what keeps it stable.',
      quantity: 'convergence over step sizes at η in [0.02, 0.1] and at η = 1',
      bar: {
        quick: 'γ = 0.1 and 0.3: damped converges, η = 1 does not',
        full: 'damped converges for every γ ≤ 0.3; η = 1 never reaches 1e-8 for γ ≥ 0.03',
      },
    },
  ],
};
