import type { PaperRecord } from '../record.ts';

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
    level: 'full',
    note: "Small matrices and synthetic streams as in the paper; objective, step sizes and constants are reconstructed from the abstract and the authors' earlier work.",
  },
  claims: [
    {
      id: 'recovery',
      sentence: 'One pass over a stream recovers the planted rotation.',
      quantity: '1 − ‖DᵀD*‖₄⁴/N after the polar step, N = 20, one sample a step',
      setting: { quick: 'two streams', full: 'five streams' },
      measures: {
        early: { quantity: 'error after 3000 samples, worst stream', '≤': 0.01 },
        late: { quantity: 'error after 10,000 samples, worst stream', '≤': { full: 0.004 } },
      },
    },
    {
      id: 'beats-stored',
      sentence:
        'Mini-batches of 20 end more accurate than a batch method on 5000 stored samples, with the memory of two matrices.',
      quantity: 'the same error after mini-batches of 20',
      setting: { quick: '1000 mini-batches', full: '3000 mini-batches' },
      measures: {
        error: { quantity: 'error after {all} mini-batches', '≤': { quick: 2e-3, full: 5e-4 } },
        overStored: { quantity: 'error over that of MSP on 5000 samples', '≤': { full: 1 } },
      },
    },
    {
      id: 'gap-rate',
      sentence: 'The Frank–Wolfe gap falls at the proved rate or faster.',
      quantity: 'log–log slope of the windowed gap from step 50 on',
      setting: { quick: 'up to step 2000', full: 'up to step 5000' },
      measures: {
        slope: { quantity: 'log–log slope of the gap, steps 50 to {the last}', '≤': { quick: -0.25, full: -0.3 } },
      },
    },
    {
      id: 'drift',
      sentence: 'Floors under the step sizes let the method follow a rotation that drifts.',
      quantity: 'error while the rotation turns by 0.1 rad every 100 steps',
      setting: { quick: '2000 steps', full: '6000 steps' },
      measures: {
        worst: { quantity: 'largest error with a floor, steps {500 to the last}', '≤': { quick: 0.02, full: 0.015 } },
        gain: {
          quantity: 'error without a floor over that with one, steps {of the last 500}',
          '≥': { full: 2.5 },
        },
      },
    },
  ],
} as const satisfies PaperRecord;
