import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 14,
  slug: '14-online-orthogonal-dictionary',
  title: 'Online Orthogonal Dictionary Learning Based on Frank-Wolfe Method',
  authors: 2,
  firstAuthors: ['Xue', 'Lau'],
  date: '2021-03',
  venue: 'arXiv preprint, 2021',
  arxiv: '2103.01484',
  family: 'factorisation',
  methods: [
    'Frank-Wolfe',
    'orthogonal dictionary learning',
    'MSP',
    'online dictionary learning',
    'polar decomposition',
  ],
  summary:
    'Signals that are sparse in some unknown rotation can be compressed once the rotation is known. Learning it usually means storing many samples and sweeping over them. This method sees each sample once: it averages gradients of a sparsity measure and moves, Frank–Wolfe fashion, towards the orthogonal matrix nearest to the average, so that memory stays at two matrices. Its error is proved to fall at a stated rate. We measure recovery of planted rotations against methods that keep the whole stream, and whether a constant step follows a rotation that drifts.',
  formulas: [
    {
      tex: String.raw`\min_{\lVert D\rVert_2 \le 1}\; -\,\mathbb E\,\lVert D^\top y\rVert_3^3`,
      says: 'The relaxation to the spectral ball is tight: a concave function is minimal at extreme points, which are orthogonal matrices.',
    },
    {
      tex: String.raw`D_{t+1} = (1-\gamma_t)\,D_t + \gamma_t\,U V^\top,\qquad G_t = U\Sigma V^\top,\quad \gamma_t = t^{-3/4}`,
      says: 'The best linear step over the ball is the polar factor of the averaged gradient.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: "Small matrices and synthetic streams as in the paper; a simulated signal stands for readings of sensors; objective, step sizes and constants are reconstructed from the abstract and the authors' earlier work.",
  },
  claims: [
    {
      id: 'recovery',
      sentence: 'One pass over a stream recovers the planted rotation.',
      quantity: '1 − ‖DᵀD*‖₄⁴/N after the polar step, N = 20, one sample a step',
      ...locked.claims.recovery,
    },
    {
      id: 'beats-stored',
      sentence:
        'Mini-batches of 20 end at half the error of a batch method on 5000 stored samples, and of the fourth power, with the memory of two matrices.',
      quantity: 'the same error after 3000 mini-batches of 20',
      ...locked.claims['beats-stored'],
    },
    {
      id: 'beats-others',
      sentence:
        'Mini-batches of 20 end below the errors of alternating thresholds and Procrustes on 5000 stored samples, and of the online lasso.',
      quantity:
        'the same error after 3000 mini-batches of 20; the strength of the lasso is the best of a grid on another stream, and its atoms are orthogonalised',
      ...locked.claims['beats-others'],
    },
    {
      id: 'gap-rate',
      sentence: 'The Frank–Wolfe gap falls at the proved rate or faster.',
      quantity: 'log–log slope of the windowed gap, one sample a step',
      setting: { quick: 'steps 50 to 3000', full: 'steps 50 to 5000' },
      ...locked.claims['gap-rate'],
    },
    {
      id: 'drift',
      sentence: 'Floors under the step sizes let the method follow a rotation that drifts.',
      quantity: 'error while the rotation turns by 0.1 rad every 100 steps, mini-batches of 20',
      setting: { quick: '3000 steps', full: '6000 steps' },
      ...locked.claims.drift,
    },
    {
      id: 'within-the-ball',
      sentence: 'Iterates stay in the ball of spectral norm 1, and come nearer to orthogonal from decade to decade.',
      quantity: '‖D‖₂ − 1, and ‖DᵀD − I‖ over that a decade before, from step 100 on, largest of all streams',
      ...locked.claims['within-the-ball'],
    },
    {
      id: 'sensors',
      sentence: 'Of a sensor-like signal one pass keeps about as much as the batch method.',
      quantity: 'signal to noise in dB of windows not seen before, whitened, by a fifth of the coefficients',
      ...locked.claims.sensors,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'recovery',
    title: 'error',
    series: ['stream 1', 'stream 2'],
    says: 'Error of the learned dictionary against steps of one pass, both on logarithmic axes, on two streams.',
  },
} as const satisfies PaperRecord;
