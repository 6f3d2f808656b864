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
    'Workers that train together can send only the largest few entries of their gradients and keep the rest as an error for later. Fed back in full, that error makes the method unstable when workers have different data; thrown away, noise never averages out. EControl feeds back a damped share. It then needs neither bounded gradients nor similar clients, and more workers lower the noise as they should, with one message a round. We will measure rounds, noise floors and the range of damping that works on least squares with adjustable dissimilarity.',
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
      setting: { quick: 'one seed', full: 'five seeds' },
      measures: {
        ratio: { quantity: 'rounds over those of SGD', '≤': 1.25 },
        stall: { quantity: 'final gap of plain feedback, {each step size that converges}', '≥': 1e-5 },
      },
    },
    {
      id: 'noise-floor',
      sentence:
        'Under noise its floor is near that of SGD, well below both kinds of feedback, and falls with the number of clients.',
      quantity: 'mean gap over the last quarter',
      setting: { quick: '20 clients, 2000 rounds', full: '5, 20 and 80 clients, 6000 rounds' },
      measures: {
        sgd: { quantity: '{each number of clients}: over SGD', '≤': { quick: 2, full: 1.6 } },
        ec: { quantity: '{each number of clients}: over EC', '≤': { quick: 0.6, full: 0.4 } },
        ef21: { quantity: '{each number of clients}: over EF21', '≤': { quick: 0.4, full: 0.25 } },
        clients: { quantity: 'floor at 5 clients over that at 80', '≥': { full: 12 }, '≤': { full: 20 } },
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
