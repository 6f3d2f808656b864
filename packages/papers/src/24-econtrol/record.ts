import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    'Workers that train together can send only the largest few entries of their gradients and keep the rest as an error for later. Fed back in full, that error makes the method unstable when workers have different data; thrown away, noise never averages out. EControl feeds back a damped share. It then needs neither bounded gradients nor similar clients, and more workers lower the noise as they should, with one message a round. We measure rounds, bytes, noise floors and the range of damping that works on least squares with adjustable dissimilarity, and train a small network on digits that are divided by label.',
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
  terms: {
    EC: 'error feedback',
    'EC-Ideal': 'error feedback of gradients less those at the optimum, which must be known',
    'D-EC': 'error feedback of differences to an estimate that a second message moves',
    EF21: 'compressed differences to an estimate, without feedback of errors',
    'EF21-SGDM': 'EF21 on gradients averaged over rounds',
    SGD: 'gradients sent whole',
    CSGD: 'gradients compressed, without any memory',
  },
  fidelity: {
    level: 'scaled',
    note: 'The synthetic least squares of Koloskova and others are complete; a small network on digits stands for ResNet-18 and VGG-13. The rates are not checked. EF21 with momentum has a slightly lower noise floor than EControl: the advantage is over error feedback and plain EF21.',
  },
  claims: [
    {
      id: 'rounds',
      sentence:
        'Without noise it needs hardly more rounds than uncompressed descent, where plain error feedback stalls.',
      quantity: 'rounds and bytes to a relative squared distance of 1e-8, beside SGD; final distance of error feedback',
      setting: { quick: '20 clients, d = 100, one draw', full: '20 clients, d = 100, five draws' },
      ...locked.claims.rounds,
    },
    {
      id: 'noise-floor',
      sentence:
        'Under noise its floor is near that of SGD, well below error feedback and EF21, and falls with the number of clients.',
      quantity: 'mean relative squared distance over the last quarter of the rounds',
      setting: { quick: '20 clients, 2000 rounds, one draw', full: '5, 20 and 80 clients, 6000 rounds, five draws' },
      ...locked.claims['noise-floor'],
    },
    {
      id: 'damping',
      sentence: 'Damping is what keeps it stable.',
      quantity: 'relative squared distances reached over step sizes, with small η and with η = 1',
      setting: { quick: 'step sizes of 0.1 and 0.3, one draw', full: 'step sizes from 0.01 to 0.3, five draws' },
      ...locked.claims.damping,
    },
    {
      id: 'digits',
      sentence:
        'A network trained on digits divided by label is about as accurate as with whole gradients, and no less than with EF21.',
      quantity: 'test accuracy in the same rounds, each method with the best of the same step sizes',
      setting: { quick: '10 clients, 200 rounds, one draw', full: '10 clients, 2000 rounds, five draws' },
      ...locked.claims.digits,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'noiseless',
    title: 'Distance without noise',
    series: ['sgd', 'econtrol', 'ec', 'ef21'],
    says: 'Squared distance to the minimum by bytes sent: EControl and EF21 get there with a fraction of the bytes of SGD, and error feedback stalls.',
  },
} as const satisfies PaperRecord;
