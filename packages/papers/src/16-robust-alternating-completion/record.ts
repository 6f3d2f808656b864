import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 16,
  slug: '16-robust-alternating-completion',
  title: 'Low Rank Matrix Completion via Robust Alternating Minimization in Nearly Linear Time',
  authors: 4,
  firstAuthors: ['Gu', 'Song', 'Yin'],
  date: '2023-02',
  venue: 'ICLR 2024',
  arxiv: '2302.11068',
  family: 'factorisation',
  methods: [
    'alternating minimization',
    'ALS',
    'matrix completion',
    'LSQR',
    'sketch-and-precondition',
    'soft-impute',
    'SVT',
  ],
  summary:
    'A matrix of low rank can be filled in from a few of its entries by solving for one factor, then the other, again and again. Each half-step is a large set of small regressions. This paper proves that they need only be solved roughly: errors add up instead of multiplying, so cheap sketched solvers suffice and the whole costs little more than reading the data. It has no experiments. We supply a controlled study of how errors spread, what loose tolerances save, how work grows with the rank, and whether fresh samples for every step are needed.',
  formulas: [
    {
      tex: String.raw`V_{t+1} \approx \arg\min_V \bigl\lVert P_\Omega(U_t V^\top - M)\bigr\rVert_F`,
      says: 'With one factor fixed, every column is a regression on its observed rows; an approximate solution is enough.',
    },
    {
      tex: String.raw`\lVert e_i^\top U^*\rVert \le \mu\sqrt{k/m},\qquad \lVert e_j^\top V^*\rVert \le \mu\sqrt{k/n}`,
      says: 'Incoherence: no row or column may hold too much of the matrix.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The paper has no experiments, so the study is ours, on planted matrices; start and regression solver follow their standard forms. Sketches have six rows a column, not four: at four, even a Gaussian sketch has condition 3 only in the limit. MovieLens 100K may not be passed on; simulated ratings of its shape, with nearly its known errors, stand for it. Your own copy goes through: southwell factor complete u.data --rank 10 --biases --holdout 0.1.',
  },
  claims: [
    {
      id: 'linear-errors',
      sentence: 'Errors of the regressions carry over linearly, without blowing up, and until then cost no sweeps.',
      quantity:
        'relative error at every sweep, beside exact regressions by code of its own; plateau of the error over the relative error put into every regression; sweeps to twice that plateau, beyond exact ones',
      setting: {
        quick: '150 × 150, rank 3, noise 1e-1 and 1e-3',
        full: '300 × 300, rank 5, noise 1e-1 to 1e-5',
      },
      ...locked.claims['linear-errors'],
    },
    {
      id: 'sketch-equals-exact',
      sentence:
        'Sketch-preconditioned regressions are exact within a few steps where factors are far from orthonormal.',
      quantity:
        'relative difference to the error trace of normal equations by code of its own until 1e-8; error and inner steps of regressions on a factor of condition 1e5',
      setting: { quick: 'one draw', full: 'three draws' },
      ...locked.claims['sketch-equals-exact'],
    },
    {
      id: 'loose-tolerance',
      sentence: 'A tolerance tied to the present residual reaches full accuracy with far fewer inner steps.',
      quantity: 'extra sweeps to 1e-8, and inner steps, beside a fixed 1e-12 by code of its own',
      setting: { quick: '200 × 200, rank 14', full: '400 × 400, rank 20, three draws' },
      ...locked.claims['loose-tolerance'],
    },
    {
      id: 'cost-in-rank',
      sentence: 'Work grows almost linearly with the rank, where exact regressions grow with its square.',
      quantity:
        'log–log slope of counted multiply-adds a sweep in the rank, where lines have at least 20 entries a column; and the errors that this work buys',
      setting: { quick: 'ranks 8, 16, 24, errors after two sweeps', full: 'ranks 8 to 64, errors after two sweeps' },
      ...locked.claims['cost-in-rank'],
    },
    {
      id: 'sketch-cost',
      sentence:
        'Sketched regressions on badly conditioned factors reach an error of a hundredth with work that grows almost linearly with the rank.',
      quantity:
        'log–log slope of counted multiply-adds in the rank, at a tolerance of 1e-3, for lines that see nine tenths of a factor of condition 1e5; errors beside triangular factors by code of its own',
      setting: { quick: 'ranks 8, 16, 24, 565 rows', full: 'ranks 8 to 64, 1506 rows' },
      ...locked.claims['sketch-cost'],
    },
    {
      id: 'fresh-samples',
      sentence: 'Enough entries suffice, sharply; a fresh part of them for every half-step is a device of the proof.',
      quantity:
        'error with all entries and with 2T + 1 parts, over that with all; sweeps beyond those of exact regressions by code of its own; share of entries where most runs succeed over that where most fail',
      setting: {
        quick: '150 × 150, rank 3, p = 0.3, T = 8; five runs a share',
        full: '300 × 300, rank 5, p = 0.25, T = 8; ten runs a share',
      },
      ...locked.claims['fresh-samples'],
    },
    {
      id: 'condition-number',
      sentence: 'Badly conditioned matrices need more sweeps, but few.',
      quantity:
        'sweeps to 1e-6, the last one in parts, at condition 30 over those of exact regressions by code of its own at condition 1, on draws that differ in nothing else',
      setting: { quick: '300 × 300, rank 5', full: '300 × 300, rank 5' },
      ...locked.claims['condition-number'],
    },
    {
      id: 'ratings',
      sentence: 'Sketched regressions predict ratings as well as exact ones.',
      quantity: 'error on a tenth of the ratings; beside biases and exact sweeps by code of their own',
      setting: { quick: 'rank 10, biases, λ by validation', full: 'rank 10, biases, λ by validation, three seeds' },
      ...locked.claims.ratings,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'linear-errors',
    title: 'rough regressions',
    series: ['exact', 'noise 1e-1', 'noise 1e-3'],
    says: 'Error of the completed matrix against sweeps, for exact regressions and regressions with errors of 0.1 and 0.001.',
  },
} as const satisfies PaperRecord;
