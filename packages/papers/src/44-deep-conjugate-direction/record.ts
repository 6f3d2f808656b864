import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 44,
  slug: '44-deep-conjugate-direction',
  title: 'A Deep Conjugate Direction Method for Iteratively Solving Linear Systems',
  authors: 6,
  firstAuthors: ['Kaneda', 'Akar', 'Chen'],
  date: '2022-05',
  venue: 'ICML 2023',
  arxiv: '2205.10763',
  code: 'https://github.com/ayano721/2023_DCDM',
  family: 'linear-systems',
  methods: ['DCDM', 'conjugate gradients', 'incomplete Cholesky', 'deflation', 'Poisson equation'],
  summary:
    'Simulating smoke means solving one large Poisson system per frame. Conjugate gradients gets there by many cheap steps. Here a convolutional network looks at the residual and proposes the direction; the method keeps what makes conjugate gradients sound: directions are made conjugate to the last two, and the step length is exact. So any tolerance can be reached, and a network trained on one grid serves larger grids and other obstacles. We will count iterations beside plain and incomplete-Cholesky conjugate gradients, and say what a network pass costs in a browser.',
  formulas: [
    {
      tex: String.raw`d \leftarrow f\Bigl(\frac{r}{\lVert r\rVert}\Bigr) - \sum_{j=k-2}^{k-1} \frac{f^\top A p_j}{p_j^\top A p_j}\,p_j`,
      says: 'The proposed direction is made conjugate to the last two.',
    },
    {
      tex: String.raw`x \leftarrow x + \frac{d^\top r}{d^\top A d}\,d`,
      says: 'The exact line search makes the error fall for any network.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'Two-dimensional grids of 64² for training and 128² instead of three-dimensional ones up to 256³; algorithm, loss, data recipe and rivals are kept. No gain in time is expected at this size.',
  },
  claims: [
    {
      id: 'fewer-iterations',
      sentence: 'With a trained network far fewer iterations suffice than with either kind of conjugate gradients.',
      quantity: 'iterations to 1e-4 on 64², three right-hand sides',
      setting: { quick: 'stored weights, one right-hand side', full: 'three right-hand sides' },
      measures: {
        cg: { quantity: '{each right-hand side}: over CG', '≤': { quick: 0.25, full: 0.2 } },
        icpcg: { quantity: '{each right-hand side}: over ICPCG', '≤': { quick: 0.8, full: 0.6 } },
      },
    },
    {
      id: 'generalises',
      sentence: 'The same network serves a grid twice as fine and an obstacle that it never saw.',
      quantity: "iterations over CG's",
      setting: { quick: 'obstacle on 64²', full: 'obstacle, and 128²' },
      measures: {
        obstacle: { quantity: 'obstacle: over CG', '≤': { quick: 0.4, full: 0.3 } },
        fine: { quantity: '128²: over CG', '≤': { full: 0.25 } },
        fineIc: { quantity: '128²: over ICPCG', '<': { full: 1 } },
      },
    },
    {
      id: 'conjugacy',
      sentence: 'Making directions conjugate is worth it.',
      quantity: 'mean iterations without over with',
      measures: {
        iterations: { quantity: 'mean iterations without over with', '≥': { quick: 1.3, full: 1.5 } },
      },
    },
    {
      id: 'any-tolerance',
      sentence: 'High accuracy can be reached, unlike by prediction alone.',
      quantity: "iterations to 1e-8 over CG's",
      setting: { quick: '64²', full: '128²' },
      measures: {
        iterations: { quantity: "iterations to 1e-8 over CG's", '≤': { quick: 0.7, full: 0.5 } },
      },
    },
  ],
};
